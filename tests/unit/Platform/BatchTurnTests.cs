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

        Assert.All(await Task.WhenAll(runs), outcome => Assert.Null(outcome.Fault));
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
    public async Task What_may_gather_waits_for_others_but_not_when_a_transaction_is_half_full()
    {
        _first.SetResult();
        using var turn = new BatchTurn<string>(TimeSpan.FromMilliseconds(50));
        await Task.WhenAll(Start(turn, ["a"], ["b"]));
        Assert.Equal(["a b"], _handled);

        using var busy = new BatchTurn<string>(TimeSpan.FromHours(1));
        await Task.WhenAll(Start(busy, Enumerable.Repeat("x", 60).ToArray(), Enumerable.Repeat("y", 60).ToArray()));
    }

    [Fact]
    public async Task A_fault_is_called_ones_own_only_where_nobody_elses_messages_were_with_them()
    {
        using var turn = new BatchTurn<string>();
        var runs = Start(turn, ["bad"], ["b"], ["bad"]);
        _first.SetResult();
        var outcomes = await Task.WhenAll(runs);

        Assert.All(outcomes, outcome => Assert.NotNull(outcome.Fault));
        Assert.Equal([true, false, false], outcomes.Select(outcome => outcome.Alone));
    }

    [Fact]
    public async Task One_that_is_stopped_while_it_runs_does_not_stop_those_with_it_for_good()
    {
        using var turn = new BatchTurn<string>();
        var runs = Start(turn, ["a"], ["stop"], ["b"]);
        _first.SetResult();

        var outcomes = await Task.WhenAll(runs);
        Assert.Null(outcomes[0].Fault);
        Assert.All(outcomes[1..], outcome => Assert.IsType<OperationCanceledException>(outcome.Fault));
        Assert.Null((await turn.Run(["c"], Handle, CancellationToken.None)).Fault);
    }

    /// <summary>Begins the first, which waits, and then the others in order behind it.</summary>
    private Task<(Exception? Fault, bool Alone)>[] Start(BatchTurn<string> turn, params string[][] batches) =>
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
