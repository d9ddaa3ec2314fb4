using System.Text.RegularExpressions;

namespace Marketplace.UnitTests.Tidy;

/// <summary>The content policy forbids inline script and foreign origins; a page that needs them would be broken in the browser only.</summary>
internal static partial class PageRules
{
    internal static readonly IReadOnlyList<Rule> All =
    [
        Rule.Each(
            "no inline script or handler on a page",
            tree => tree.WithEnding(".cshtml", ".html"),
            file => Bad(file, InlineScript(), "script is in files"),
            Page("<script>go()</script>"),
            Page("""<button onclick="go()">Go</button>"""),
            Page("""<a href="javascript:go()">Go</a>""")),
        Rule.Each(
            "styles are classes; style holds only a chart's numbers",
            tree => tree.WithEnding(".cshtml", ".html"),
            file => Bad(file, InlineStyle(), "is a class in the style sheet"),
            Page("<style>p{color:red}</style>"),
            Page("""<p style="color:red">Red</p>""")),
        Rule.Each(
            "nothing is loaded from elsewhere",
            tree => tree.WithEnding(".cshtml", ".html", ".css", ".js").Where(file => !file.Path.Contains("/vendor/", StringComparison.Ordinal)),
            file => Bad(file, Foreign(), "is served by us"),
            Page("""<script src="https://cdn.example/htmx.js"></script>"""),
            Page("""<link href="//fonts.example/a.css" rel="stylesheet">"""),
            new SourceFile("shared/Ui/assets/ui.css", "@import url(https://fonts.example/a.css);")),
    ];

    private static IEnumerable<Finding> Bad(SourceFile file, Regex bad, string what) =>
        bad.Matches(file.Text).Select(match => new Finding(file.Path, $"{what}: {match.Value}"));

    private static SourceFile Page(string body) => new("services/worker/Jobs/Home.cshtml", body);

    [GeneratedRegex("""<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+\s*=\s*["']|javascript:""", RegexOptions.IgnoreCase)]
    private static partial Regex InlineScript();

    [GeneratedRegex("""<style[\s>]|\sstyle="(?!(--|@))[^"]*" """, RegexOptions.IgnoreCase | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex InlineStyle();

    [GeneratedRegex("""<(script|link|img|iframe)\b[^>]*\b(src|href)\s*=\s*["']?(https?:)?//|url\(\s*["']?(https?:)?//""", RegexOptions.IgnoreCase)]
    private static partial Regex Foreign();
}
