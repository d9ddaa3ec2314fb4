using System.Globalization;

namespace Marketplace.Payment.Ledger;

/// <summary>Which entries a reader wants to see, newest first.</summary>
internal sealed record EntryFilter
{
    internal const int MostTextLength = 200;

    public string? Kind { get; init; }

    /// <summary>A job's title or part of it, a job's id, or an account's name.</summary>
    public string? Of { get; init; }

    /// <summary>The last day to show, in the installation's time zone.</summary>
    public DateOnly? Until { get; init; }

    /// <summary>Only entries with a smaller number: where the page before ended.</summary>
    public long? Before { get; init; }

    public bool IsAll => Kind is null && Of is null && Until is null;

    /// <summary>Reads what came in a query string. What cannot be read is left out and named in <paramref name="errors"/>.</summary>
    internal static EntryFilter Read(
        string? kind, string? of, string? until, string? before, out IReadOnlyList<(string Field, string Message)> errors)
    {
        var wrong = new List<(string, string)>();
        errors = wrong;
        return new EntryFilter
        {
            Kind = ReadKind(Trimmed(kind), wrong),
            Of = ReadOf(Trimmed(of), wrong),
            Until = ReadUntil(Trimmed(until), wrong),
            Before = ReadBefore(Trimmed(before), wrong),
        };
    }

    /// <summary>The query string of the same filter from another entry on.</summary>
    internal string Query(long? before)
    {
        var parts = new List<string>();
        if (Kind is not null)
            parts.Add("kind=" + Uri.EscapeDataString(Kind));
        if (Of is not null)
            parts.Add("of=" + Uri.EscapeDataString(Of));
        if (Until is { } until)
            parts.Add("until=" + until.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        if (before is { } number)
            parts.Add("before=" + number.ToString(CultureInfo.InvariantCulture));
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    private static string? Trimmed(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static string? ReadKind(string? kind, List<(string, string)> wrong)
    {
        if (kind is null || EntryWords.Kinds.Contains(kind))
            return kind;
        wrong.Add(("kind", $"There is no kind of entry with this name. The kinds are {string.Join(", ", EntryWords.Kinds)}."));
        return null;
    }

    private static string? ReadOf(string? of, List<(string, string)> wrong)
    {
        if (of is null)
            return null;
        if (of.Length <= MostTextLength && !of.Any(char.IsControl))
            return of;
        wrong.Add(("of", $"Write a job’s title or an account’s name, in at most {MostTextLength} characters on one line."));
        return null;
    }

    private static DateOnly? ReadUntil(string? until, List<(string, string)> wrong)
    {
        if (until is null)
            return null;
        if (DateOnly.TryParseExact(until, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 2000 and < 9000)
            return day;
        wrong.Add(("until", "Write the day as year, month, day: 2026-11-19."));
        return null;
    }

    private static long? ReadBefore(string? before, List<(string, string)> wrong)
    {
        if (before is null)
            return null;
        if (long.TryParse(before, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
            return number;
        wrong.Add(("before", "Write the number of an entry, such as 431498."));
        return null;
    }
}
