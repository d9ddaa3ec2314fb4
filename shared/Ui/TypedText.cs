using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Html;

namespace Marketplace.Ui;

/// <summary>What somebody typed into a large field, as they laid it out: an empty line ends a paragraph, any other end of line stays one.</summary>
public static partial class TypedText
{
    /// <summary>The paragraphs, none of them empty, each with its ends of line as <c>\n</c>.</summary>
    public static IReadOnlyList<string> Paragraphs(string text) =>
        [.. EmptyLines().Split(text.ReplaceLineEndings("\n")).Select(p => p.Trim()).Where(p => p.Length > 0)];

    /// <summary>One paragraph's lines, encoded, with breaks between them.</summary>
    public static IHtmlContent Lines(string paragraph) =>
        new HtmlString(string.Join("<br>", paragraph.Split('\n').Select(line => HtmlEncoder.Default.Encode(line.Trim()))));

    [GeneratedRegex(@"\n\s*\n")]
    private static partial Regex EmptyLines();
}
