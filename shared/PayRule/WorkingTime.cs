using Marketplace.Contracts;

namespace Marketplace.PayRule;

/// <summary>
/// Active time by contacts: the sum of min(gap, idle limit) over the contacts that the server saw, in order, from the
/// claim on. Two numbers hold it, so that no trail of what a person did is kept; nothing a browser says about time counts.
/// An expiry is no contact: the silence before it is not work.
/// </summary>
/// <param name="Active">The working time up to the last contact.</param>
/// <param name="LastContactAt">The last contact: the claim, a pulse, the submit, return or report.</param>
public readonly record struct WorkingTime(Duration Active, DateTimeOffset LastContactAt)
{
    /// <summary>A claim starts the clock.</summary>
    public static WorkingTime ClaimedAt(DateTimeOffset at) => new(Duration.Zero, at);

    /// <summary>A contact: the gap before it counts, up to the idle limit. One that is not later than the last (a replay, a second tab) changes nothing.</summary>
    /// <param name="at">When the server saw it.</param>
    /// <param name="idle">The assignment's idle limit, fixed at its claim.</param>
    public WorkingTime Contact(DateTimeOffset at, Duration idle)
    {
        var gap = Duration.Between(LastContactAt, at);
        return gap <= Duration.Zero ? this : new WorkingTime(Active + Duration.Min(gap, idle), at);
    }

    /// <summary>The part of what a worker asks for that can have been: min(asked, wall − active), never negative.</summary>
    /// <param name="asked">Time without contacts that the worker says was work.</param>
    /// <param name="wall">From the claim to the end.</param>
    /// <param name="active">The assignment's active time.</param>
    public static Duration Unseen(Duration asked, Duration wall, Duration active) =>
        Duration.Max(Duration.Zero, Duration.Min(asked, wall - active));

    /// <summary>
    /// The same from a whole trail, in any order, with doubles: what came before the claim or after the end is dropped.
    /// For tests and for auditors of a trail; a running assignment folds with <see cref="Contact"/>.
    /// </summary>
    /// <param name="claimedAt">The claim.</param>
    /// <param name="contacts">Pulses, in any order.</param>
    /// <param name="endedAt">The end.</param>
    /// <param name="endedByWorker">True: the end is a contact. False: it is an expiry.</param>
    /// <param name="idle">The idle limit.</param>
    public static Duration OfTrail(
        DateTimeOffset claimedAt, IEnumerable<DateTimeOffset> contacts, DateTimeOffset endedAt, bool endedByWorker, Duration idle)
    {
        var seen = contacts.Where(at => at >= claimedAt && at <= endedAt).Order().ToList();
        if (endedByWorker)
            seen.Add(endedAt);
        return seen.Aggregate(ClaimedAt(claimedAt), (time, at) => time.Contact(at, idle)).Active;
    }
}
