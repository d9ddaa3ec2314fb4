using System.Globalization;

namespace Marketplace.Ui;

/// <summary>A number cut in two: what is read first, and the digits below a cent, which are shown smaller.</summary>
/// <param name="Main">The number to the cent, with sign and separators.</param>
/// <param name="Small">The digits after the cent; may be empty.</param>
public readonly record struct MoneyDigits(string Main, string Small)
{
    public override string ToString() => Main + Small;
}

/// <summary>Amounts of money as people read them, in a reader's culture, and back. Amounts are micro-units; nothing is ever rounded to look larger.</summary>
public static class MoneyText
{
    private const int Cents = 2;
    private const int Digits = 6;

    /// <summary>A price: two decimals, and as many more as are not zero.</summary>
    public static MoneyDigits Price(long micros, CultureInfo culture)
    {
        var exact = Exact(micros, culture);
        return exact with { Small = exact.Small.TrimEnd('0') };
    }

    /// <summary>A balance or a rate: two decimals, cut.</summary>
    public static MoneyDigits Balance(long micros, CultureInfo culture) => Exact(micros, culture) with { Small = "" };

    /// <summary>All six digits, for columns that have a total.</summary>
    public static MoneyDigits Exact(long micros, CultureInfo culture)
    {
        var absolute = micros < 0 ? (ulong)-(micros + 1) + 1 : (ulong)micros;
        var fraction = (absolute % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
        var sign = micros >= 0 ? "" : ReferenceEquals(culture, Plain) ? "-" : "\u2212";
        var units = (absolute / 1_000_000).ToString("N0", culture);
        return new(sign + units + culture.NumberFormat.NumberDecimalSeparator + fraction[..Cents], fraction[Cents..]);
    }

    /// <summary>"Never more than": the one amount that is rounded up to the cent.</summary>
    public static MoneyDigits AtMost(long micros, CultureInfo culture) =>
        Balance(micros % 10_000 > 0 ? checked(micros - (micros % 10_000) + 10_000) : micros, culture);

    /// <summary>Whole units, cut: for the ends of a scale.</summary>
    public static string Whole(long micros, CultureInfo culture) => (micros / 1_000_000).ToString("N0", culture);

    /// <summary>The amount for programs: six decimals, a full stop, no grouping.</summary>
    public static string Value(long micros) => Exact(micros, Plain).ToString();

    /// <summary>The amount as one types it into a field: no grouping, at least two decimals.</summary>
    public static string Typed(long micros, CultureInfo culture)
    {
        var format = (NumberFormatInfo)culture.NumberFormat.Clone();
        format.NumberGroupSeparator = "";
        var plain = (CultureInfo)culture.Clone();
        plain.NumberFormat = format;
        return Price(micros, plain).ToString();
    }

    /// <summary>
    /// Reads an amount that somebody typed. A single comma or full stop followed by anything but three digits is a decimal
    /// sign in every culture; with three digits after it, the reader's culture decides. At most six decimals.
    /// </summary>
    public static bool TryParse(string? text, CultureInfo culture, out long micros)
    {
        micros = 0;
        var typed = string.Concat((text ?? "").Where(c => !char.IsWhiteSpace(c) && c != '\''));
        var format = new NumberFormatInfo
        {
            NumberDecimalSeparator = DecimalSign(typed, culture) is ',' ? "," : ".",
            NumberGroupSeparator = DecimalSign(typed, culture) is ',' ? "." : ",",
        };
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands | NumberStyles.AllowLeadingSign;
        if (!decimal.TryParse(typed, Style, format, out var amount) || decimal.Abs(amount) > long.MaxValue / 1_000_000)
            return false;
        var scaled = amount * 1_000_000;
        micros = (long)decimal.Truncate(scaled);
        return scaled == micros;
    }

    private static char DecimalSign(string typed, CultureInfo culture)
    {
        var own = culture.NumberFormat.NumberDecimalSeparator is "," ? ',' : '.';
        var last = typed.LastIndexOfAny([',', '.']);
        if (last < 0)
            return own;
        var several = typed.Count(c => c == typed[last]) > 1;
        var both = typed.Contains(',') && typed.Contains('.');
        return several ? (typed[last] == ',' ? '.' : ',')
            : both || typed.Length - last - 1 != 3 || typed[..last].Trim('-', '0').Length is 0 or > 3 ? typed[last]
            : own;
    }

    private static readonly CultureInfo Plain = MakePlain();

    private static CultureInfo MakePlain()
    {
        var plain = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        plain.NumberFormat.NumberGroupSeparator = "";
        plain.NumberFormat.NumberDecimalDigits = Digits;
        return plain;
    }
}
