using System.Collections.Concurrent;

namespace Marketplace.Faults.People;

/// <summary>Everything that people were told by an answer to a request of theirs, and nothing else.</summary>
internal sealed class Memory
{
    internal sealed record Claimed(Guid Worker, Guid Job, int Task);

    internal sealed record Submitted(Guid Worker, Guid Job, int Task, string Text, long PayMicros, long CreditedMs);

    internal sealed record Ended(Guid Worker, string End, long PayMicros, long CreditedMs);

    internal sealed record Deposited(Guid Requester, string PublicKey, long AmountMicros);

    /// <param name="Requester">Whose job it is.</param>
    /// <param name="Tasks">How many tasks were posted.</param>
    /// <param name="Wanted">Answers wanted of each.</param>
    /// <param name="BudgetMicros">The largest budget that was confirmed.</param>
    internal sealed record Posted(Guid Requester, int Tasks, int Wanted, long BudgetMicros);

    internal sealed record CashedOut(Guid Worker, Guid Payout, string PublicKey, long AmountMicros, string Destination);

    internal ConcurrentDictionary<Guid, Claimed> Claims { get; } = new();
    internal ConcurrentDictionary<Guid, Submitted> Submits { get; } = new();
    internal ConcurrentDictionary<Guid, Ended> Ends { get; } = new();
    internal ConcurrentBag<Deposited> Deposits { get; } = [];
    internal ConcurrentDictionary<Guid, Posted> Jobs { get; } = new();
    internal ConcurrentBag<CashedOut> CashOuts { get; } = [];
    internal ConcurrentBag<Guid> Workers { get; } = [];
    internal ConcurrentBag<Guid> Requesters { get; } = [];

    /// <summary>Answers that cannot be: a second word on something that was said before, or none at all when everything worked again.</summary>
    internal ConcurrentBag<string> Contradictions { get; } = [];

    /// <summary>Requests that were sent again because no final answer had come.</summary>
    internal long Retries;

    internal void KeepClaim(Guid assignment, Claimed claim)
    {
        if (Claims.GetOrAdd(assignment, claim) is var first && first != claim)
            Contradictions.Add($"Assignment {assignment} was told as {first}, then as {claim}.");
    }

    internal void KeepSubmit(Guid assignment, Submitted submit)
    {
        if (Submits.GetOrAdd(assignment, submit) is var first && first != submit)
            Contradictions.Add($"The submit of {assignment} was answered {first}, then {submit}.");
    }

    internal void KeepBudget(Guid job, Posted posted) =>
        Jobs.AddOrUpdate(job, posted, (_, known) => known with { BudgetMicros = Math.Max(known.BudgetMicros, posted.BudgetMicros) });
}
