using System.Globalization;

namespace Marketplace.Payment.Exports;

/// <summary>A calendar month of the installation's time zone, by its first day.</summary>
internal readonly record struct Month(DateOnly First)
{
    /// <summary>The first day after it.</summary>
    public DateOnly Next => First.AddMonths(1);

    /// <summary>2026-11, as in an address and in a file's name.</summary>
    public string Text => First.ToString("yyyy-MM", CultureInfo.InvariantCulture);

    internal static Month Of(DateOnly day) => new(new DateOnly(day.Year, day.Month, 1));

    /// <summary>Reads 2026-11; false for anything else.</summary>
    internal static bool TryParse(string text, out Month month)
    {
        var read = DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first);
        month = new(first);
        return read;
    }

    /// <summary>All months from one day to another, the latest first.</summary>
    internal static IEnumerable<Month> Between(DateOnly from, DateOnly to)
    {
        for (var month = Of(to); month.First >= Of(from).First; month = new(month.First.AddMonths(-1)))
            yield return month;
    }

    /// <summary>When a day begins in a zone; where the clock leaves midnight out, at the first moment there is.</summary>
    internal static DateTimeOffset Start(DateOnly day, TimeZoneInfo zone)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(midnight))
            midnight = midnight.AddMinutes(15);
        return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)).ToUniversalTime();
    }
}
