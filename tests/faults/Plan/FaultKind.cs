namespace Marketplace.Faults.Plan;

/// <summary>What can go wrong. The name in lower case with dashes is how it is written on the command line and in the counts.</summary>
internal enum FaultKind
{
    /// <summary><c>kill -9</c> of a payment service in the milliseconds after a batch was delivered to it.</summary>
    KillPaymentInBatch,
    KillWorkerInBatch,
    KillRequesterInBatch,

    /// <summary><c>kill -9</c> between the broker's confirm of an event and the relay's delete: the confirm never arrives.</summary>
    KillRelayUnconfirmed,
    KillGateway,
    KillBroker,

    /// <summary>PostgreSQL told to stop at once (SIGQUIT): every session ends, recovery at the next start.</summary>
    StopDatabase,

    /// <summary>PostgreSQL restarted as an administrator does (SIGINT): every session is told that it ends.</summary>
    RestartDatabase,

    /// <summary>A service's connection is cut when its <c>commit</c> is done and the answer has not come: done or not, it cannot know.</summary>
    CutAtCommit,
    CutDatabase,
    HalfCloseDatabase,
    DelayDatabase,

    /// <summary>A service's connection to the broker is cut when a confirm is on its way back.</summary>
    CutAtConfirm,
    CutBroker,
    HalfCloseBroker,
    DelayBroker,

    /// <summary>The disk under the broker has less than the broker's limit: it takes no more messages until there is room.</summary>
    DiskAlarm,

    /// <summary>The disk under the broker is full to the last byte, with the broker writing on it.</summary>
    DiskFull,
    ClockForward,
    ClockBack,

    /// <summary>Copies of past messages are put into the queues once more, in no order.</summary>
    Duplicate,

    /// <summary>Messages are taken out of the queues and put back later, in another order.</summary>
    Reorder,
}

/// <summary>One fault of a schedule.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="AtMs">When, from the first answers on.</param>
/// <param name="Draw">A number that decides all else about it: which copy, how long, after how many bytes.</param>
internal sealed record PlannedFault(FaultKind Kind, int AtMs, int Draw)
{
    public override string ToString() => $"{AtMs / 1000.0:0.0} s {FaultKinds.Word(Kind)}";
}

/// <summary>The words for kinds.</summary>
internal static class FaultKinds
{
    internal static readonly IReadOnlyList<FaultKind> All = Enum.GetValues<FaultKind>();

    /// <summary>What a run draws from unless it is told otherwise: RabbitMQ 3.10 itself may lose a queue when its disk is full to the last byte.</summary>
    internal static readonly IReadOnlyList<FaultKind> Usual = [.. All.Where(k => k != FaultKind.DiskFull)];

    internal static string Word(FaultKind kind) =>
        string.Concat(kind.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    internal static FaultKind? Parse(string word) => All.Cast<FaultKind?>().FirstOrDefault(k => Word(k!.Value) == word);
}
