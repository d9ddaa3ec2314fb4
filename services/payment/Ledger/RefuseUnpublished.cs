using System.Globalization;
using Marketplace.Platform;
using Marketplace.Ui;

namespace Marketplace.Payment.Ledger;

/// <summary>What is said of an entry that is not public: there may be none, or it becomes public at the next step.</summary>
internal static class RefuseUnpublished
{
    internal const string Title = "This entry is not public";

    internal static string Detail(Publication publication, TimeProvider clock, Installation installation)
    {
        if (publication.IsAtOnce)
            return "An entry is public about a second after it was booked.";
        var next = TimeZoneInfo.ConvertTime(publication.NextStep(clock.Now()), installation.TimeZone);
        return string.Create(CultureInfo.InvariantCulture, $"What was booked since the last step becomes public, all together, at {next:HH:mm:ss} ({installation.TimeZone.Id}).");
    }
}
