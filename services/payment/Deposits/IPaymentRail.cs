using Marketplace.Contracts;

namespace Marketplace.Payment.Deposits;

/// <summary>
/// A way for money to come in and go out. Both calls are safe to repeat: the same reference is the same movement of money.
/// </summary>
internal interface IPaymentRail
{
    /// <summary>The rail's word in account names and payouts.</summary>
    string Name { get; }

    /// <summary>True of a rail that moves no real money: every page says so.</summary>
    bool IsPlayMoney { get; }

    /// <summary>Why the rail cannot pay to this account, or null where it can.</summary>
    string? Refuses(string destination);

    /// <summary>Takes money in from a requester. Returns only when it has arrived.</summary>
    Task Collect(string reference, Guid requester, Money amount, CancellationToken cancel);

    /// <summary>Sends a payout, or asks again what became of it.</summary>
    Task<RailAnswer> Send(Guid payout, string destination, Money amount, CancellationToken cancel);

    /// <summary>Every movement of money that the rail knows of from an instant on, each as it stands now. Who restored a backup compares it.</summary>
    /// <exception cref="InvalidOperationException">The rail keeps no record; the message says how it would.</exception>
    Task<IReadOnlyCollection<RailMovement>> Statement(DateTimeOffset since, CancellationToken cancel);
}

/// <summary>What a rail knows of a payout.</summary>
internal enum RailState
{
    /// <summary>Not known yet: the money stays in transit and is never sent again under another id.</summary>
    Unknown,
    Settled,
    Failed,

    /// <summary>It had arrived and came back.</summary>
    Returned,
}

/// <summary>A rail's answer, and whether it may say something else later.</summary>
internal sealed record RailAnswer(RailState State, string? Why = null, bool AskAgain = false);

/// <summary>A line of a rail's statement: money that came in under a reference, or a payout.</summary>
internal sealed record RailMovement
{
    public required DateTimeOffset At { get; init; }
    public required long AmountMicros { get; init; }
    public required RailState State { get; init; }

    /// <summary>Of money that came in: whose it is, and under which reference.</summary>
    public string? Reference { get; init; }
    public Guid? RequesterId { get; init; }

    /// <summary>Of a payout.</summary>
    public Guid? PayoutId { get; init; }
    public string? Destination { get; init; }
}
