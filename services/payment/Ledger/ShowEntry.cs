using System.Globalization;
using Marketplace.Ui;
using Microsoft.AspNetCore.Html;

namespace Marketplace.Payment.Ledger;

/// <summary>What the ledger's pages say of entries and accounts.</summary>
internal static class ShowEntry
{
    private const int ShortCommitment = 4;

    /// <summary>The sign of a download.</summary>
    internal static readonly IHtmlContent Download = new HtmlString(
        "<svg class=\"i\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"M12 4v11M7 11l5 5 5-5M5 20h14\"/></svg>");

    /// <summary>A posting's account; a worker by the start of the commitment, fee and levy by their share of the pay.</summary>
    internal static string Account(PublicPosting line, PayFacts? pay, Show show) => line switch
    {
        { Commitment: { } commitment, AccountKind: AccountKind.InTransit } => $"On the way to a worker (commitment {commitment[..ShortCommitment]}…)",
        { Commitment: { } commitment } => $"A worker (commitment {commitment[..ShortCommitment]}…)",
        { AccountKind: AccountKind.Fees } when pay is { FeeBps: { } fee } => $"Cooperative fee, {show.Percent(fee)} of pay",
        { AccountKind: AccountKind.Commons } when pay is { LevyBps: { } levy } => $"Commons levy, {show.Percent(levy)} of pay",
        _ => AccountName.Plain(line.AccountKind, line.Account),
    };

    /// <summary>The time of day of an entry, or the hour where only that is public; nothing where only the day is.</summary>
    internal static IHtmlContent Time(PublicEntry entry, Show show) => entry.Time switch
    {
        ShownTime.Day => HtmlString.Empty,
        ShownTime.Hour => new HtmlString(EntryWords.Hour(entry.At, show.Zone, CultureInfo.CurrentCulture)),
        _ => show.MomentExact(entry.At),
    };

    /// <summary>The day and time of an entry as far as they are public.</summary>
    internal static string When(PublicEntry entry, Show show) => entry.Time switch
    {
        ShownTime.Day => $"{show.DayLongText(entry.Day(show.Zone))}: of a payout only the day is public.",
        ShownTime.Hour => $"{show.DayLongText(entry.Day(show.Zone))}, {EntryWords.Hour(entry.At, show.Zone, CultureInfo.CurrentCulture)}: only the hour is public.",
        _ => $"{show.DayLongText(entry.Day(show.Zone))}, {show.MomentText(entry.At)}.",
    };

    /// <summary>What an empty list was asked for.</summary>
    internal static string Nothing(EntryFilter filter, string? why, Show show)
    {
        var what = filter.Kind is { } kind ? EntryWords.Plain(kind).ToLower(CultureInfo.InvariantCulture) : "entry";
        var when = filter.Until is { } until ? $" on or before {show.DayText(until)}" : "";
        var of = filter.Of is { } text ? $" for “{text}”" : "";
        var from = filter.Before is { } before ? $" before {show.Number(before)}" : "";
        return $"No {what}{when}{of}{from}. {why}".TrimEnd();
    }

    /// <summary>A long account name that may break at its colons.</summary>
    internal static IHtmlContent BreakAtColons(string name)
    {
        var content = new HtmlContentBuilder();
        foreach (var (part, i) in name.Split(':').Select((part, i) => (part, i)))
        {
            if (i > 0)
                content.AppendHtml(":<wbr>");
            content.Append(part);
        }

        return content;
    }
}
