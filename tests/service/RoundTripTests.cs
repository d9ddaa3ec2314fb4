using Dapper;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.ServiceTests;

/// <summary>Statements that go to the database together.</summary>
public sealed class RoundTripTests : IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;

    public async ValueTask InitializeAsync()
    {
        var name = await Environment.Current.CloneDatabase("worker", typeof(Marketplace.Worker.WorkerService).Assembly);
        await using (var owner = new NpgsqlConnection(Environment.Current.Owner("worker", name) + ";Pooling=false"))
            await owner.ExecuteAsync("create table thing (id int primary key, word text, marks bytea[], at timestamptz); grant all on thing to worker_app");
        _database = Database.CreateDataSource(Environment.Current.App("worker", name));
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Statements_run_in_order_each_with_its_own_values_and_the_last_commits()
    {
        var at = new DateTimeOffset(2026, 3, 3, 9, 0, 0, TimeSpan.Zero);
        await InTransaction(async transaction =>
        {
            var writes = new RoundTrip(transaction);
            writes.Add("insert into thing (id, word, marks, at) values (@Id, @Word, @Marks, @At)", new { Id = 1, Word = "one", Marks = new byte[][] { [1], [2, 3] }, At = (DateTimeOffset?)at, Unused = new Version(1, 0) });
            writes.Add("update thing set word = word || @Word where id = @Id", new { Id = 1, Word = " and more" });
            await writes.Commit(TestContext.Current.CancellationToken);
        });
        Assert.Equal(("one and more", 2, at), await One<(string, int, DateTimeOffset)>("select word, cardinality(marks), at from thing"));
    }

    [Fact]
    public async Task A_null_has_the_type_of_its_property()
    {
        await InTransaction(async transaction =>
        {
            var writes = new RoundTrip(transaction);
            writes.Add("insert into thing (id, word, at) select @Id, @Word, @At", new { Id = 1, Word = (string?)null, At = (DateTimeOffset?)null });
            await writes.Commit(TestContext.Current.CancellationToken);
        });
        Assert.True(await One<bool>("select word is null and at is null from thing"));
    }

    [Fact]
    public async Task Where_one_fails_nothing_is_committed()
    {
        var failed = await Assert.ThrowsAsync<PostgresException>(() => InTransaction(async transaction =>
        {
            var writes = new RoundTrip(transaction);
            writes.Add("insert into thing (id) values (@Id)", new { Id = 1 });
            writes.Add("insert into thing (id) values (@Id)", new { Id = 1 });
            writes.Add("insert into thing (id) values (@Id)", new { Id = 2 });
            await writes.Commit(TestContext.Current.CancellationToken);
        }));
        Assert.Equal(PostgresErrorCodes.UniqueViolation, failed.SqlState);
        Assert.Equal(0, await One<int>("select count(*)::int from thing"));
    }

    [Fact]
    public async Task What_was_executed_is_not_run_again_with_what_comes_after()
    {
        await InTransaction(async transaction =>
        {
            var writes = new RoundTrip(transaction);
            writes.Add("insert into thing (id) values (@Id)", new { Id = 1 });
            await writes.Execute(TestContext.Current.CancellationToken);
            Assert.Equal(1, await transaction.Connection!.ExecuteScalarAsync<int>("select count(*)::int from thing", null, transaction));
            writes.Add("insert into thing (id) values (@Id)", new { Id = 2 });
            await writes.Commit(TestContext.Current.CancellationToken);
        });
        Assert.Equal(2, await One<int>("select count(*)::int from thing"));
    }

    [Fact]
    public async Task After_a_commit_or_a_failure_it_takes_no_more()
    {
        await InTransaction(async transaction =>
        {
            var writes = new RoundTrip(transaction);
            writes.Add("insert into thing (id) values (@Id)", new { Id = 1 });
            await writes.Commit(TestContext.Current.CancellationToken);
            writes.Add("insert into thing (id) values (@Id)", new { Id = 2 });
            await Assert.ThrowsAsync<InvalidOperationException>(() => writes.Execute(TestContext.Current.CancellationToken));
        });
        await InTransaction(async transaction =>
        {
            var writes = new RoundTrip(transaction);
            writes.Add("insert into thing (id) values (@Id)", new { Id = 1 });
            await Assert.ThrowsAsync<PostgresException>(() => writes.Execute(TestContext.Current.CancellationToken));
            await Assert.ThrowsAsync<InvalidOperationException>(() => writes.Commit(TestContext.Current.CancellationToken));
        });
        Assert.Equal(1, await One<int>("select count(*)::int from thing"));
    }

    [Fact]
    public async Task A_name_without_a_value_and_a_value_of_no_known_type_are_refused_before_anything_is_sent()
    {
        await InTransaction(transaction =>
        {
            var writes = new RoundTrip(transaction);
            Assert.Contains("@Word", Assert.Throws<InvalidOperationException>(() => writes.Add("select @Word", new { Id = 1 })).Message, StringComparison.Ordinal);
            Assert.Contains("Version", Assert.Throws<InvalidOperationException>(() => writes.Add("select @Id", new { Id = new Version(1, 0) })).Message, StringComparison.Ordinal);
            return writes.Execute(TestContext.Current.CancellationToken);
        });
    }

    private async Task InTransaction(Func<NpgsqlTransaction, Task> act)
    {
        await using var connection = await _database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await act(transaction);
    }

    private async Task<T> One<T>(string sql)
    {
        await using var connection = await _database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        return await connection.QuerySingleAsync<T>(sql);
    }
}
