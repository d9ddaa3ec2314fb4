using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace Marketplace.Ui;

/// <summary>The pay of one assignment against time: flat while the reward covers the time, then rising with the floor, to the end of the paid time.</summary>
/// <param name="RewardMicros">The reward.</param>
/// <param name="FloorMicrosPerHour">The floor.</param>
/// <param name="PaidMs">How long is paid: the limit, with reading where it applies.</param>
public sealed record CurveShape(long RewardMicros, long FloorMicrosPerHour, long PaidMs)
{
    private const double TopPercent = 90.9;

    /// <summary>The most it pays.</summary>
    public long MostMicros => Math.Max(RewardMicros, Owed(PaidMs));

    /// <summary>Where the floor takes over, in ms.</summary>
    public long KneeMs => Math.Min(PaidMs, (long)((Int128)RewardMicros * 3_600_000 / FloorMicrosPerHour));

    public double X(long ms) => PaidMs == 0 ? 0 : Math.Clamp(100.0 * ms / PaidMs, 0, 100);

    public double Y(long micros) => MostMicros == 0 ? 0 : Math.Clamp(TopPercent * micros / MostMicros, 0, 100);

    /// <summary>What a submit pays after a credited time.</summary>
    public long PayAt(long ms) => Math.Max(RewardMicros, Owed(Math.Min(ms, PaidMs)));

    private long Owed(long ms) => (long)((((Int128)FloorMicrosPerHour * ms) + 3_599_999) / 3_600_000);
}

/// <summary>Charts as markup. Each says in a sentence what it shows; numbers travel in the style attribute, all else is in the style sheet.</summary>
public static class Chart
{
    /// <summary>The pay curve. With a moment it shows the past dark and the rest dashed; the labels are spans placed by <c>--x</c> and <c>--y</c>.</summary>
    public static IHtmlContent Curve(CurveShape shape, string sentence, long? atMs = null, IHtmlContent? labels = null)
    {
        var (knee, low, top) = (shape.X(shape.KneeMs), 100 - shape.Y(shape.RewardMicros), 100 - shape.Y(shape.MostMicros));
        var line = Text($"M0 {low:0.#}H{knee:0.#}L100 {top:0.#}");
        var area = Text($"M{knee:0.#} {low:0.#}L100 {top:0.#}V{low:0.#}z");
        const string Svg = "viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\"";
        var drawing = atMs is null
            ? $"<svg {Svg}><path class=\"area\" d=\"{area}\"/><path d=\"{line}\"/></svg>"
            : $"<svg {Svg}><path class=\"later\" d=\"{line}\"/></svg><svg class=\"now\" {Svg}><path class=\"area\" d=\"{area}\"/><path d=\"{line}\"/></svg><b></b>";
        var place = atMs is { } at ? Text($" style=\"--x:{shape.X(at):0.#}%;--y:{shape.Y(shape.PayAt(at)):0.#}%\"") : "";
        return new HtmlContentBuilder().AppendHtml($"<div class=\"curve\"{place} role=\"img\" aria-label=\"{Encode(sentence)}\">{drawing}")
            .AppendHtml(labels ?? HtmlString.Empty).AppendHtml("</div>");
    }

    /// <summary>The spread of hourly pay beside its numbers: the tick is the floor, the box the middle half, the bar the median. All in micro-units on one scale.</summary>
    public static IHtmlContent Range(long lower, long median, long upper, long scaleFrom, long scaleTo)
    {
        double Place(long at) => Math.Clamp(100.0 * (at - scaleFrom) / Math.Max(1, scaleTo - scaleFrom), 0, 100);
        return new HtmlString(Text($"<span class=\"range chart\" style=\"--a:{Place(lower):0}%;--b:{Place(upper):0}%;--mid:{Place(median):0}%\" aria-hidden=\"true\"><i></i><b></b></span>"));
    }

    /// <summary>Progress in three parts: done, allowed now, and the rest.</summary>
    public static IHtmlContent Meter(long done, long open, long rest, string sentence) =>
        new HtmlString(Text($"<div class=\"meter\" role=\"img\" aria-label=\"{Encode(sentence)}\"><i class=\"k-ink\" style=\"--v:{done}\"></i><i class=\"k-open\" style=\"--v:{open}\"></i><i style=\"--v:{rest}\"></i></div>"));

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
