using Marketplace.Platform;
using Npgsql;

namespace Marketplace.UnitTests.Platform;

public sealed class StepAsideTests
{
    private readonly HandClock _clock = new();

    [Fact]
    public void A_row_that_fails_steps_aside_longer_each_time_and_up_to_a_minute()
    {
        var aside = new StepAside<int>(_clock);
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            aside.Failed(7);
            Assert.Equal([7], aside.Now);
            _clock.Pass(TimeSpan.FromSeconds(seconds - 0.001));
            Assert.Equal([7], aside.Now);
            _clock.Pass(TimeSpan.FromSeconds(0.001));
            Assert.Empty(aside.Now);
        }
    }

    [Fact]
    public void One_that_was_long_not_heard_of_begins_anew()
    {
        var aside = new StepAside<int>(_clock);
        aside.Failed(7);
        aside.Failed(7);
        _clock.Pass(TimeSpan.FromMinutes(11));
        Assert.Empty(aside.Now);

        aside.Failed(7);
        _clock.Pass(TimeSpan.FromSeconds(1));
        Assert.Empty(aside.Now);
    }

    [Fact]
    public void A_database_that_is_away_is_no_rows_fault()
    {
        Assert.False(StepAside.IsOfTheRow(new NpgsqlException("away", new IOException())));
        Assert.False(StepAside.IsOfTheRow(new OperationCanceledException()));
        Assert.True(StepAside.IsOfTheRow(new InvalidOperationException()));
        Assert.True(StepAside.IsOfTheRow(new PostgresException("division by zero", "ERROR", "ERROR", "22012")));
        Assert.False(StepAside.IsOfTheRow(new PostgresException("deadlock", "ERROR", "ERROR", PostgresErrorCodes.DeadlockDetected)));
    }

    private sealed class HandClock : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 3, 3, 9, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        internal void Pass(TimeSpan time) => _now += time;
    }
}
