using Marketplace.Contracts;
using Marketplace.PayRule;

namespace Marketplace.Worker.Assignments;

/// <summary>
/// A worker's row, held under its lock while a claim or an end is decided: the one open assignment, and what ends in the last 24 hours
/// add up to.
/// </summary>
internal sealed record PersonAtWork
{
    public required Guid WorkerId { get; init; }

    /// <summary>The open assignment; a person has at most one, over all jobs.</summary>
    public required Guid? AssignmentId { get; init; }

    /// <summary>Ends up to this moment are not in the sums any more.</summary>
    public required DateTimeOffset WindowFrom { get; init; }
    public required long WindowCreditedMs { get; init; }
    public required long WindowSubmittedMs { get; init; }
    public required long WindowAllowanceUsedMs { get; init; }

    public required int SessionTasks { get; init; }
    public required long SessionPayMicros { get; init; }
    public required long SessionCreditedMs { get; init; }

    /// <summary>The version of the policy now in force.</summary>
    public required int? PolicyInForce { get; init; }

    /// <summary>What is left of the allowance under the policy now in force.</summary>
    internal Duration AllowanceLeft(PayPolicy inForce) => Allowance.Left(inForce, new(WindowSubmittedMs), new(WindowAllowanceUsedMs));

    /// <summary>Whether the time credited in 24 hours lets the person claim on.</summary>
    internal bool MayClaim(PayPolicy inForce) => Allowance.MayClaim(inForce, new(WindowCreditedMs));

    /// <summary>The row after an end. An expiry that was found a day late is in no sum of the last 24 hours.</summary>
    internal PersonAtWork Ended(AssignmentEnd end, DateTimeOffset at, Pay pay)
    {
        var counts = at > WindowFrom;
        return this with
        {
            AssignmentId = null,
            WindowCreditedMs = WindowCreditedMs + (counts ? pay.Credit.Credited.Ms : 0),
            WindowSubmittedMs = WindowSubmittedMs + (counts && end == AssignmentEnd.Submitted ? pay.Credit.Credited.Ms : 0),
            WindowAllowanceUsedMs = WindowAllowanceUsedMs + (counts ? pay.Credit.AllowanceUsed.Ms : 0),
            SessionTasks = SessionTasks + 1,
            SessionPayMicros = SessionPayMicros + pay.Amount.Micros,
            SessionCreditedMs = SessionCreditedMs + pay.Credit.Credited.Ms,
        };
    }

    /// <summary>The row at the beginning of a session: a claim that was not brought by a submit.</summary>
    internal PersonAtWork NewSession() => this with { SessionTasks = 0, SessionPayMicros = 0, SessionCreditedMs = 0 };
}
