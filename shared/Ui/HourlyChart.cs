using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace Marketplace.Ui;

/// <summary>Neighbouring bars of hourly pay that are shown as one.</summary>
/// <param name="From">The first: bar 0 was lifted to the floor, bar n begins n − 1 units of currency above it, the last has all beyond.</param>
/// <param name="Bars">How many.</param>
/// <param name="Assignments">What is in them together.</param>
public sealed record HourlyGroup(int From, int Bars, long Assignments);

/// <summary>How many assignments paid how much an hour, against the floor: the columns, what their patterns mean, and the table.</summary>
public static class HourlyChart
{
    private const long Unit = 1_000_000;

    /// <summary>The chart of one page.</summary>
    /// <param name="show">The reader's numbers.</param>
    /// <param name="groups">All bars, in order.</param>
    /// <param name="floorMicros">The floor an hour.</param>
    /// <param name="of">What is in it, as a sentence.</param>
    public static IHtmlContent Draw(Show show, IReadOnlyList<HourlyGroup> groups, long floorMicros, string of)
    {
        var all = groups.Sum(g => g.Assignments);
        var floor = show.DigitsText(floorMicros);
        var merged = groups.Any(g => g.Bars > 1);
        var lifted = groups[0].Bars == 1 ? $" {show.Share(groups[0].Assignments, all)} were lifted to the floor of {floor}; none is below it." : $" None is below the floor of {floor}.";
        var columns = groups.Select(g => new Column([(FillOf(g), g.Assignments)], g.Bars)).ToList();
        var html = new HtmlContentBuilder()
            .AppendHtml(SvgChart.Columns("hourly", $"Hourly pay of {show.Number(all)} assignments.{lifted}", columns, [
                $"{floor} floor", show.DigitsText(floorMicros + (5 * Unit)), $"over {show.DigitsText(floorMicros + (10 * Unit))} {show.Currency}/h"]))
            .AppendHtml("<p class=\"small hush\">");
        foreach (var (fill, words) in new[] { (Fill.Mark, "lifted to the floor by a top-up"), (Fill.Ink, "above it by the reward"), (Fill.Dots, "some lifted, some above") })
        {
            if (groups.Any(g => g.Assignments > 0 && FillOf(g) == fill))
                html.AppendHtml(SvgChart.Key("hourly", fill)).AppendHtml(words).AppendHtml(" &emsp;");
        }

        return html.AppendHtml("</p>").AppendHtml(Table(show, groups, floorMicros, all))
            .AppendHtml($"<p class=\"small hush\">{Encode(of)} Nobody stands left of the line.{(merged ? " Bars of fewer than five people are shown as one with their neighbours." : "")}</p>");
    }

    private static HtmlString Table(Show show, IReadOnlyList<HourlyGroup> groups, long floorMicros, long all)
    {
        var html = new StringBuilder("<details class=\"small\"><summary>Show as a table</summary><table class=\"rows\"><thead><tr><th scope=\"col\">")
            .Append(Encode($"{show.Currency} per hour"))
            .Append("</th><th scope=\"col\" class=\"num\">Assignments</th><th scope=\"col\" class=\"num\">Share</th></tr></thead><tbody>");
        var bars = groups.Sum(g => g.Bars);
        foreach (var group in groups)
        {
            html.Append("<tr><th scope=\"row\">").Append(Encode(Name(group)))
                .Append("</th><td class=\"num\">").Append(Encode(show.Number(group.Assignments)))
                .Append("</td><td class=\"num\">").Append(Encode(show.Share(group.Assignments, all))).Append("</td></tr>");
        }

        return new(html.Append("</tbody></table></details>").ToString());

        string From(int bar) => show.DigitsText(floorMicros + (Math.Max(0, bar - 1) * Unit));
        string Name(HourlyGroup group) => group.From + group.Bars is var to && to == 1 ? $"{From(0)}, lifted"
            : to == bars ? $"{From(group.From)} and more"
            : $"{From(group.From)} to {From(to)}";
    }

    private static Fill FillOf(HourlyGroup group) => group.From > 0 ? Fill.Ink : group.Bars > 1 ? Fill.Dots : Fill.Mark;

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
