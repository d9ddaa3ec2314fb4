namespace Marketplace.Worker.Assignments;

/// <summary>Why a claim got no task. <see cref="Reason"/> is for programs and is kept with the end that asked; the rest is for people.</summary>
internal sealed record NoTask(string Reason, int Status, string Title, string Detail)
{
    internal static readonly NoTask UnknownJob = new("unknown-job", 404, "There is no such job", "The address may be mistyped. Choose from the list of jobs.");

    internal static readonly NoTask WaitsForMoney = new(
        "waits-for-money", 409, "This job waits for money",
        "It has tasks for you, but the money for their worst case is not set aside yet. Nothing is lost; look again later or choose another job.");

    internal static readonly NoTask NothingLeft = new(
        "nothing-left", 409, "Nothing is left for you in this job",
        "You did every task of it that is open, or others have the rest. A returned task may come back; choose another job.");

    internal static readonly NoTask Closed = new("closed", 409, "This job is closed", "Its requester takes no more answers. What you did is paid. Choose another job.");

    internal static readonly NoTask DayIsFull = new(
        "day-is-full", 409, "You reached the most paid time of a day",
        "All that is paid in 24 hours is credited to you, and nobody is asked to work on. What you did is paid. Claim again when the first of it is 24 hours ago.");

    internal static readonly NoTask Busy = new(
        "busy", 409, "The last open tasks are being handed out this moment", "Ask again in a second.");

    internal static readonly NoTask Stopped = new("stopped", 200, "You stopped", "Your answer was saved and will be paid.");

    private static readonly NoTask[] All = [UnknownJob, WaitsForMoney, NothingLeft, Closed, DayIsFull, Busy, Stopped];

    /// <summary>The one with this reason.</summary>
    internal static NoTask Of(string reason) => Array.Find(All, r => r.Reason == reason) ?? Stopped;
}
