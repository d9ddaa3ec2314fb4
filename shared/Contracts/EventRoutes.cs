namespace Marketplace.Contracts;

/// <summary>Who sends an event and who listens.</summary>
/// <param name="Event">The event's record type.</param>
/// <param name="From">The one service that publishes it.</param>
/// <param name="To">The services that each have a queue for it.</param>
public sealed record EventRoute(Type Event, string From, params string[] To)
{
    /// <summary>True of small events that come in crowds: many may travel in one message, and are consumed many at a time.</summary>
    public bool Many { get; init; }
}

/// <summary>The table of all events between services. It is the broker's topology: exchanges, queues and bindings come from it.</summary>
public static class EventRoutes
{
    public const string Requester = "requester";
    public const string Worker = "worker";
    public const string Payment = "payment";

    public static readonly IReadOnlyList<EventRoute> All =
    [
        new(typeof(PayPolicyAdopted), Payment, Requester, Worker),
        new(typeof(DepositCredited), Payment, Requester),
        new(typeof(JobPosted), Requester, Payment, Worker),
        new(typeof(JobBudgetRaised), Requester, Payment),
        new(typeof(TaskPosted), Requester, Worker),
        new(typeof(JobFunded), Payment, Requester, Worker) { Many = true },
        new(typeof(JobRefused), Payment, Requester),
        new(typeof(JobMeasured), Payment, Requester, Worker),
        new(typeof(JobClosed), Requester, Worker),
        new(typeof(JobClaimsClosed), Worker, Payment),
        new(typeof(TaskCompleted), Worker, Payment) { Many = true },
        new(typeof(AnswerSubmitted), Worker, Requester) { Many = true },
        new(typeof(WorkerPaid), Payment, Worker) { Many = true },
        new(typeof(PayoutIssued), Payment, Worker),
        new(typeof(PayoutSettled), Payment, Worker),
        new(typeof(PayoutFailed), Payment, Worker),
        new(typeof(PayoutReturned), Payment, Worker),
    ];
}
