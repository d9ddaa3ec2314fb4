using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Marketplace.Platform;

/// <summary>
/// The step at which everything that could be watched moves: answers, counts, what is left of a job, and all of the public ledger. A change that is
/// seen at once tells who made it (a submit claims the next task, so an entry seen at once minus its credited time is the same person's last end);
/// changes that are seen together tell about all who worked meanwhile.
/// </summary>
/// <remarks>
/// Steps are the multiples of <see cref="Every"/> since 1970-01-01 UTC, so that all services step together without talking. The setting is
/// <c>Publication__Every</c>, as in <c>00:05:00</c> (the default), at most an hour; <c>00:00:00</c> shows everything at once, which is for
/// measuring and protects nobody.
/// </remarks>
public sealed class Publication
{
    private static readonly TimeSpan Default = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Most = TimeSpan.FromHours(1);

    /// <summary>Reads the setting.</summary>
    /// <exception cref="InvalidOperationException">It is no time from 0 to an hour.</exception>
    public Publication(IConfiguration configuration)
    {
        var text = configuration["Publication:Every"];
        Every = string.IsNullOrEmpty(text) ? Default
            : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var every) && every >= TimeSpan.Zero && every <= Most ? every
            : throw new InvalidOperationException($"Publication:Every is '{text}'; it has to be a time from 00:00:00 to 01:00:00, such as 00:05:00.");
    }

    /// <summary>From one step to the next; zero shows everything at once.</summary>
    public TimeSpan Every { get; }

    /// <summary>Whether everything is shown as it comes.</summary>
    public bool IsAtOnce => Every == TimeSpan.Zero;

    /// <summary>The last step at or before this instant: what was known before it may be seen. Without steps the instant itself.</summary>
    public DateTimeOffset LastStep(DateTimeOffset now) =>
        IsAtOnce ? now : new(now.UtcTicks - (now.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) % Every.Ticks, TimeSpan.Zero);

    /// <summary>The next step after this instant: when what comes now will be seen. Without steps the instant itself.</summary>
    public DateTimeOffset NextStep(DateTimeOffset now) => LastStep(now) + Every;
}
