using Marketplace.Platform;

namespace Marketplace.UnitTests.Platform;

public sealed class BatchTurnTests
{
    private readonly List<string> _handled = [];
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task What_arrives_while_one_is_handled_is_the_next_one()
    {
        using var turn = new BatchTurn<string>();
        var runs = Start(turn, ["a"], ["b", "c"], ["d"]);
        _first.SetResult();

        Assert.All(await Task.WhenAll(runs), Assert.Null);
        Assert.Equal(["a", "b c d"], _handled);
    }

    [Fact]
    public async Task No_more_go_together_than_fit_one_transaction()
    {
        using var turn = new BatchTurn<string>();
        var many = Enumerable.Repeat("x", 150).ToArray();
        var runs = Start(turn, ["a"], many, many, ["b"]);
        _first.SetResult();
        await Task.WhenAll(runs);

        Assert.Equal([1, 150, 151], _handled.Select(messages => messages.Split(' ').Length));
    }

    [Fact]
    public async Task What_may_gather_waits_for_others()
    {
        _first.SetResult();
        using var turn = new BatchTurn<string>(TimeSpan.FromMilliseconds(500));
        await Task.WhenAll(Start(turn, ["a"], ["b"]));
        Assert.Equal(["a b"], _handled);
    }

    [Theory]
    [InlineData(2, 60)]
    [InlineData(25, 1)]
    public async Task What_may_gather_waits_no_longer_when_enough_wait(int messages, int eventsInEach)
    {
        _first.SetResult();
        using var turn = new BatchTurn<string>(TimeSpan.FromHours(1));
        var runs = Start(turn, [.. Enumerable.Repeat(Enumerable.Repeat("x", eventsInEach).ToArray(), messages)]);
        await Task.WhenAll(runs).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Single(_handled);
    }

    [Fact]
    public async Task What_fails_together_is_tried_by_itself_and_only_the_faulty_hear_of_it()
    {
        using var turn = new BatchTurn<string>();
        var runs = Start(turn, ["bad"], ["b"], ["bad", "c"], ["d"]);
        _first.SetResult();
        var faults = await Task.WhenAll(runs);

        Assert.Equal([true, false, true, false], faults.Select(fault => fault is not null));
        Assert.Equal(["bad", "b bad c d", "b", "bad c", "d"], _handled);
    }

    [Fact]
    public async Task One_that_is_stopped_while_it_runs_stops_nobody_else()
    {
        using var turn = new BatchTurn<string>();
        var runs = Start(turn, ["a"], ["stop"], ["b"]);
        _first.SetResult();

        await Assert.ThrowsAsync<OperationCanceledException>(() => runs[1]);
        Assert.Equal([null, null], [await runs[0], await runs[2]]);
        Assert.Null(await turn.Run(["c"], Handle, CancellationToken.None));
        Assert.Equal(["a", "stop b", "stop", "b", "c"], _handled);
    }

    [Fact]
    public async Task Who_gives_up_waiting_leaves_the_turn_to_the_next()
    {
        using var turn = new BatchTurn<string>(TimeSpan.FromHours(1));
        using var patience = new CancellationTokenSource();
        _first.SetResult();
        var stopped = turn.Run(["a"], Handle, patience.Token);
        var runs = Start(turn, [.. Enumerable.Repeat(new[] { "b" }, 23)]);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);

        await Task.WhenAll([.. runs, .. Start(turn, ["b"])]).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Single(_handled);
    }

    /// <summary>Begins the first, which waits, and then the others in order behind it.</summary>
    private Task<Exception?>[] Start(BatchTurn<string> turn, params string[][] batches) =>
        [.. batches.Select(batch => turn.Run(batch, Handle, CancellationToken.None))];

    private async Task<Exception?> Handle(string[] messages)
    {
        await _first.Task;
        _handled.Add(string.Join(' ', messages));
        if (messages.Contains("stop"))
            throw new OperationCanceledException();
        return messages.Contains("bad") ? new InvalidOperationException("bad") : null;
    }
}
