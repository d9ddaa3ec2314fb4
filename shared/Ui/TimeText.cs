using System.Globalization;

namespace Marketplace.Ui;

/// <summary>Lengths of time and moments as people read them. Lengths are milliseconds and are cut, never rounded up.</summary>
public static class TimeText
{
    private const long Second = 1000;
    private const long Minute = 60 * Second;
    private const long Hour = 60 * Minute;

    /// <summary>41.2 s, then 1 min 34 s, then 11 h 24 min.</summary>
    public static string Span(long ms, CultureInfo culture) => ms switch
    {
        < 0 => "\u2212 " + Span(-ms, culture),
        < Minute => Seconds(ms, culture),
        < Hour => Two(ms / Minute, "min", ms % Minute / Second, "s"),
        _ => Two(ms / Hour, "h", ms % Hour / Minute, "min"),
    };

    /// <summary>The same with tenths of a second kept, for sums that a reader may want to check: 1 min 31.8 s, 1 h 2 min 3.4 s.</summary>
    public static string Exact(long ms, CultureInfo culture)
    {
        if (ms < 0)
            return "\u2212 " + Exact(-ms, culture);
        if (ms < Minute)
            return Span(ms, culture);
        var rest = ms % Minute;
        var length = ms < Hour ? $"{ms / Minute} min" : Two(ms / Hour, "h", ms % Hour / Minute, "min");
        return rest / 100 == 0 ? length : length + " " + Seconds(rest, culture);
    }

    /// <summary>An estimate, without decimals: "24 to 41 s", "41 s to 1 min 10 s".</summary>
    public static string Range(long fromMs, long toMs, CultureInfo culture)
    {
        var (from, to) = (Whole(fromMs), Whole(toMs));
        return from == to ? Span(from, culture)
            : to < Minute ? $"{from / Second} to {Span(to, culture)}"
            : $"{Span(from, culture)} to {Span(to, culture)}";
    }

    /// <summary>The length for programs, ISO 8601: PT41.2S.</summary>
    public static string Iso(long ms) =>
        string.Create(CultureInfo.InvariantCulture, $"{(ms < 0 ? "-" : "")}PT{Math.Abs(ms) / 1000m:0.###}S");

    /// <summary>The time of day: 11:47.</summary>
    public static string Moment(DateTimeOffset at, TimeZoneInfo zone, CultureInfo culture) =>
        TimeZoneInfo.ConvertTime(at, zone).ToString(culture.DateTimeFormat.ShortTimePattern, culture);

    /// <summary>The time of day with seconds: 11:47:40.</summary>
    public static string MomentExact(DateTimeOffset at, TimeZoneInfo zone, CultureInfo culture) =>
        TimeZoneInfo.ConvertTime(at, zone).ToString(culture.DateTimeFormat.LongTimePattern, culture);

    /// <summary>Thu 19 Nov; with the year when it is not today's.</summary>
    public static string Day(DateOnly day, DateOnly today, CultureInfo culture) => Date(day, today, culture, "ddd", "MMM");

    /// <summary>Thursday 19 November; with the year when it is not today's.</summary>
    public static string DayLong(DateOnly day, DateOnly today, CultureInfo culture) => Date(day, today, culture, "dddd", "MMMM");

    public static DateOnly DayOf(DateTimeOffset at, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, zone).DateTime);

    // The words of the pages are English, so the names of days and months are too; their order is the reader's.
    private static string Date(DateOnly day, DateOnly today, CultureInfo culture, string weekday, string month)
    {
        var monthFirst = culture.DateTimeFormat.MonthDayPattern.TrimStart().StartsWith('M');
        var pattern = monthFirst ? $"{weekday}, {month} d" : $"{weekday} d {month}";
        return day.ToString(day.Year == today.Year ? pattern : monthFirst ? pattern + ", yyyy" : pattern + " yyyy", CultureInfo.InvariantCulture);
    }

    private static string Seconds(long ms, CultureInfo culture) => (ms / 100 / 10m).ToString("0.#", culture) + " s";

    private static string Two(long large, string largeUnit, long small, string smallUnit) =>
        small == 0 ? $"{large} {largeUnit}" : $"{large} {largeUnit} {small} {smallUnit}";

    private static long Whole(long ms) => (ms + (Second / 2)) / Second * Second;
}
