using System.Globalization;
using Marketplace.Contracts;

namespace Marketplace.Payment.Ledger;

/// <summary>The words for kinds of entries, ends of assignments, and times not credited.</summary>
internal static class EntryWords
{
    /// <summary>All kinds, in the order in which a reader would look for them.</summary>
    internal static readonly IReadOnlyList<string> Kinds =
    [
        EntryKind.AssignmentPaid, EntryKind.JobFunded, EntryKind.EscrowReturned, EntryKind.Deposit, EntryKind.PayoutIssued,
        EntryKind.PayoutSettled, EntryKind.PayoutFailed, EntryKind.PayoutReturned, EntryKind.PolicyAdopted,
    ];

    internal static string Plain(string kind) => kind switch
    {
        EntryKind.AssignmentPaid => "Assignment paid",
        EntryKind.JobFunded => "Job funded",
        EntryKind.EscrowReturned => "Escrow returned",
        EntryKind.Deposit => "Deposit",
        EntryKind.PayoutIssued => "Payout issued",
        EntryKind.PayoutSettled => "Payout settled",
        EntryKind.PayoutFailed => "Payout failed",
        EntryKind.PayoutReturned => "Payout returned",
        EntryKind.PolicyAdopted => "Pay policy adopted",
        _ => kind,
    };

    /// <summary>What an entry is called in a list: an assignment that was paid nothing only ended.</summary>
    internal static string Name(PublicEntry entry) =>
        entry is { Kind: EntryKind.AssignmentPaid, AmountMicros: 0 } ? "Assignment ended, nothing owed" : Plain(entry.Kind);

    /// <summary>What stands beside the name: the job, the rail, the version of the policy.</summary>
    internal static string About(PublicEntry entry) => entry switch
    {
        { JobTitle: { } title } => title,
        { Policy: { } policy } => $"version {policy.Version.ToString(CultureInfo.InvariantCulture)}",
        _ => entry.Postings.FirstOrDefault(p => p.AccountKind == AccountKind.Bank) is { } bank ? AccountName.Rail(bank.Account) : "",
    };

    /// <summary>The end of an assignment in one word, as the contracts spell it.</summary>
    internal static string End(AssignmentEnd end) => end switch
    {
        AssignmentEnd.Submitted => "submitted",
        AssignmentEnd.Returned => "returned",
        AssignmentEnd.Expired => "expired",
        AssignmentEnd.Broken => "broken",
        _ => throw new ArgumentOutOfRangeException(nameof(end), end, "Not an end of an assignment."),
    };

    internal static string Why(UncreditedReason reason) => reason switch
    {
        UncreditedReason.OverLimit => "Not credited: over the limit",
        UncreditedReason.AskedOverLimit => "Not credited: asked for, but over the limit",
        UncreditedReason.Allowance => "Not credited: the allowance was used up",
        UncreditedReason.Grace => "Not credited: too short without an answer",
        UncreditedReason.NoAnswer => "Not credited: asked for without an answer",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "Not a reason."),
    };

    /// <summary>The hour of a pay entry, in a reader's way of writing hours: 11 to 12, 11 AM to 12 PM.</summary>
    internal static string Hour(DateTimeOffset hour, TimeZoneInfo zone, CultureInfo culture)
    {
        var from = TimeZoneInfo.ConvertTime(hour, zone);
        var to = TimeZoneInfo.ConvertTime(hour.AddHours(1), zone);
        var minutes = from.Minute == 0 ? "" : ":mm";
        if (culture.DateTimeFormat.ShortTimePattern.Contains('H'))
            return $"{from.ToString("HH" + minutes, culture)} to {to.ToString("HH" + minutes, culture)}";

        var half = from.ToString("tt", culture) == to.ToString("tt", culture) ? "" : " tt";
        return $"{from.ToString("h" + minutes + half + "' '", culture)}to {to.ToString("h" + minutes + " tt", culture)}";
    }
}
