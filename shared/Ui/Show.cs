using System.Globalization;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace Marketplace.Ui;

/// <summary>
/// Money, numbers and time as markup, in the culture of the request. The names that end in <c>Text</c> give plain text, for
/// sentences and labels. Money is micro-units, lengths of time are milliseconds.
/// </summary>
public sealed class Show(Installation installation, TimeProvider clock)
{
#pragma warning disable CA1822 // Pages write Show.Span(…) and Show.Price(…) alike, on one injected object.
    private static CultureInfo Reader => CultureInfo.CurrentCulture;

    public string Currency => installation.Currency;

    public TimeZoneInfo Zone => installation.TimeZone;

    public DateOnly Today => TimeText.DayOf(clock.GetUtcNow(), Zone);

    /// <summary>The currency code, small, for after a number.</summary>
    public IHtmlContent Code => Html($"<abbr class=\"cur\">{Encode(Currency)}</abbr>");

    /// <summary>A price with its currency: two decimals, more where they are not zero.</summary>
    public IHtmlContent Price(long micros, bool code = true) => Data(micros, MoneyText.Price(micros, Reader), code);

    /// <summary>A balance: two decimals, cut.</summary>
    public IHtmlContent Balance(long micros, bool code = true) => Data(micros, MoneyText.Balance(micros, Reader), code);

    /// <summary>All six digits, for columns with a total; the currency stands in the column's head.</summary>
    public IHtmlContent Exact(long micros, bool code = false) => Data(micros, MoneyText.Exact(micros, Reader), code);

    /// <summary>Rounded up to the cent: only for "never more than".</summary>
    public IHtmlContent AtMost(long micros, bool code = true) => Data(micros, MoneyText.AtMost(micros, Reader), code);

    /// <summary>What the floor added, on the highlighter.</summary>
    public IHtmlContent TopUp(IHtmlContent amount) => new HtmlContentBuilder().AppendHtml("<span class=\"topup\">").AppendHtml(amount).AppendHtml("</span>");

    /// <summary>15.73 EUR/h, for tables.</summary>
    public IHtmlContent PerHour(long micros) =>
        Html($"<data class=\"m\" value=\"{MoneyText.Value(micros)}\">{MoneyText.Balance(micros, Reader)} <abbr class=\"cur\">{Encode(Currency)}/h</abbr></data>");

    /// <summary>41.2 s, 1 min 34 s, 11 h 24 min.</summary>
    public IHtmlContent Span(long ms) => Html($"<time datetime=\"{TimeText.Iso(ms)}\">{TimeText.Span(ms, Reader)}</time>");

    /// <summary>With tenths of a second kept, for sums.</summary>
    public IHtmlContent SpanExact(long ms) => Html($"<time datetime=\"{TimeText.Iso(ms)}\">{TimeText.Exact(ms, Reader)}</time>");

    /// <summary>11:47 of the installation's zone.</summary>
    public IHtmlContent Moment(DateTimeOffset at) => Instant(at, TimeText.Moment(at, Zone, Reader));

    /// <summary>11:47:40.</summary>
    public IHtmlContent MomentExact(DateTimeOffset at) => Instant(at, TimeText.MomentExact(at, Zone, Reader));

    /// <summary>Thu 19 Nov.</summary>
    public IHtmlContent Day(DateOnly day) => Html($"<time datetime=\"{day:yyyy-MM-dd}\">{DayText(day)}</time>");

    public IHtmlContent Day(DateTimeOffset at) => Day(TimeText.DayOf(at, Zone));

    /// <summary>Thursday 19 November.</summary>
    public IHtmlContent DayLong(DateOnly day) => Html($"<time datetime=\"{day:yyyy-MM-dd}\">{DayLongText(day)}</time>");

    /// <summary>1,284.</summary>
    public string Number(long number) => number.ToString("N0", Reader);

    /// <summary>40.5 %, of a part and a whole.</summary>
    public string Share(long part, long whole) => whole == 0 ? "0 %" : ((decimal)part * 100 / whole).ToString("0.#", Reader) + " %";

    /// <summary>18 %, of basis points.</summary>
    public string Percent(long basisPoints) => (basisPoints / 100m).ToString("0.##", Reader) + " %";

    public string PriceText(long micros) => $"{MoneyText.Price(micros, Reader)} {Currency}";

    /// <summary>Without the currency: where it stands beside already.</summary>
    public string DigitsText(long micros) => MoneyText.Balance(micros, Reader).ToString();

    /// <summary>15: whole units, for the ends of a scale.</summary>
    public string WholeText(long micros) => MoneyText.Whole(micros, Reader);

    public string BalanceText(long micros) => $"{MoneyText.Balance(micros, Reader)} {Currency}";

    /// <summary>15.73 EUR an hour, for sentences.</summary>
    public string PerHourText(long micros) => $"{BalanceText(micros)} an hour";

    public string SpanText(long ms) => TimeText.Span(ms, Reader);

    public string SpanExactText(long ms) => TimeText.Exact(ms, Reader);

    /// <summary>24 to 41 s.</summary>
    public string RangeText(long fromMs, long toMs) => TimeText.Range(fromMs, toMs, Reader);

    public string MomentText(DateTimeOffset at) => TimeText.Moment(at, Zone, Reader);

    public string DayText(DateOnly day) => TimeText.Day(day, Today, Reader);

    public string DayLongText(DateOnly day) => TimeText.DayLong(day, Today, Reader);

    private HtmlString Data(long micros, MoneyDigits digits, bool code)
    {
        var small = digits.Small.Length == 0 ? "" : $"<small>{digits.Small}</small>";
        var currency = code ? $" {Code}" : "";
        return Html($"<data class=\"m\" value=\"{MoneyText.Value(micros)}\">{digits.Main}{small}{currency}</data>");
    }

    private static HtmlString Instant(DateTimeOffset at, string text) =>
        Html($"<time datetime=\"{at.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}\">{Encode(text)}</time>");

    private static HtmlString Html(FormattableString markup) => new(markup.ToString(CultureInfo.InvariantCulture));

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
