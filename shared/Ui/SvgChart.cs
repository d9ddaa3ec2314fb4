using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace Marketplace.Ui;

/// <summary>How a part of a chart is filled. Each has its own pattern, so that no color is needed to tell them apart.</summary>
public enum Fill
{
    /// <summary>Ink, solid.</summary>
    Ink,

    /// <summary>The highlighter under ink hatching: the floor at work.</summary>
    Mark,

    /// <summary>Dots.</summary>
    Dots,

    /// <summary>Nothing within an outline.</summary>
    Open,
}

/// <summary>One column: its parts from the line up, and over how many places it stretches.</summary>
/// <param name="Parts">Heights, 0 or more, all columns on one scale.</param>
/// <param name="Places">Its width, from 1. Its height is spread over them, so that its area is its amount.</param>
public sealed record Column(IReadOnlyList<(Fill Fill, double Amount)> Parts, int Places = 1);

/// <summary>
/// Charts drawn by the server as SVG, in percent of whatever room there is, so that lines, patterns and words keep their size
/// on a phone. Each says in a sentence what it shows; its page adds the table.
/// </summary>
public static class SvgChart
{
    private const string Patterns =
        "<defs><pattern id=\"ID-mark\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><rect class=\"p-mark\" width=\"6\" height=\"6\"/><path class=\"p-line\" d=\"M-1.5 1.5l3-3M0 6l6-6M4.5 7.5l3-3\"/></pattern>"
        + "<pattern id=\"ID-dots\" width=\"5\" height=\"5\" patternUnits=\"userSpaceOnUse\"><rect class=\"p-sheet\" width=\"5\" height=\"5\"/><circle class=\"p-dot\" cx=\"2.5\" cy=\"2.5\" r=\"1.1\"/></pattern></defs>";

    /// <summary>Columns beside each other on the line that is the floor of every chart here.</summary>
    /// <param name="id">A name that no other chart of the page has.</param>
    /// <param name="sentence">What it shows.</param>
    /// <param name="columns">From left to right.</param>
    /// <param name="axis">Words below: at the start, in the middle, at the end.</param>
    public static IHtmlContent Columns(string id, string sentence, IReadOnlyList<Column> columns, IReadOnlyList<string> axis)
    {
        var places = Math.Max(1, columns.Sum(c => c.Places));
        var most = Math.Max(double.Epsilon, columns.Max(c => c.Parts.Sum(p => p.Amount) / c.Places));
        var svg = Start(id, "columns", sentence);
        var at = 0;
        foreach (var column in columns)
        {
            var below = 0.0;
            foreach (var (fill, amount) in column.Parts.Where(p => p.Amount > 0))
            {
                var height = 100 * amount / column.Places / most;
                svg.Append(Rect(id, fill, (100.0 * at / places) + 0.3, 100 - below - height, (100.0 * column.Places / places) - 0.6, height));
                below += height;
            }

            at += column.Places;
        }

        svg.Append("</svg><div class=\"axis\">");
        foreach (var word in axis)
            svg.Append("<span>").Append(Encode(word)).Append("</span>");
        return new HtmlString(svg.Append("</div></figure>").ToString());
    }

    /// <summary>Parts of a whole in one bar from left to right.</summary>
    public static IHtmlContent Stack(string id, string sentence, IReadOnlyList<(Fill Fill, double Amount)> parts)
    {
        var (all, at) = (Math.Max(double.Epsilon, parts.Sum(p => p.Amount)), 0.0);
        var svg = Start(id, "stack", sentence);
        foreach (var (fill, amount) in parts.Where(p => p.Amount > 0))
        {
            svg.Append(Rect(id, fill, at, 0, 100 * amount / all, 100));
            at += 100 * amount / all;
        }

        return new HtmlString(svg.Append("</svg></figure>").ToString());
    }

    /// <summary>The little square that says in a table or a list which part is meant; it stays on one line with the word after it.</summary>
    public static IHtmlContent Key(string id, Fill fill) =>
        new HtmlString($"<svg class=\"swatch\" aria-hidden=\"true\">{Rect(id, fill, 0, 0, 100, 100)}</svg>&NoBreak;");

    private static StringBuilder Start(string id, string kind, string sentence) =>
        new StringBuilder("<figure class=\"chart\"><svg class=\"").Append(kind).Append("\" role=\"img\" aria-label=\"").Append(Encode(sentence)).Append("\">")
            .Append(Patterns.Replace("ID", id, StringComparison.Ordinal));

    private static string Rect(string id, Fill fill, double x, double y, double width, double height)
    {
        var paint = fill switch
        {
            Fill.Mark => $" fill=\"url(#{id}-mark)\"",
            Fill.Dots => $" fill=\"url(#{id}-dots)\"",
            _ => fill == Fill.Ink ? " class=\"ink\"" : " class=\"open\"",
        };
        return string.Create(CultureInfo.InvariantCulture, $"<rect{paint} x=\"{x:0.##}%\" y=\"{y:0.##}%\" width=\"{width:0.##}%\" height=\"{height:0.##}%\"/>");
    }

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);
}
