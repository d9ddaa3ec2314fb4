using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Marketplace.Ui.Tags;

/// <summary>One thing to know; with <c>bad</c>, one thing that failed.</summary>
[HtmlTargetElement("note")]
public sealed class NoteTag : TagHelper
{
    public bool Bad { get; set; }

    /// <summary>Left out: a sign that fits.</summary>
    public IHtmlContent? Icon { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "div";
        var classes = output.Attributes["class"]?.Value is { } more ? $"note {more}" : "note";
        output.Attributes.SetAttribute("class", Bad ? classes + " bad" : classes);
        output.PreContent.AppendHtml(Icon ?? (Bad ? Ui.Icon.Warning : Ui.Icon.Info)).AppendHtml("<div>");
        output.PostContent.AppendHtml("</div>");
    }
}

/// <summary>The list on top of a form: each error of the model state, linked to its field. Nothing when there is none.</summary>
[HtmlTargetElement("errors", TagStructure = TagStructure.WithoutEndTag)]
public sealed class ErrorsTag : TagHelper
{
    private static readonly string[] Words = ["", "One thing", "Two things", "Three things", "Four things", "Five things"];

    [ViewContext, HtmlAttributeNotBound]
    public ViewContext View { get; set; } = null!;

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        var errors = View.ViewData.ModelState
            .SelectMany(field => field.Value!.Errors.Take(1), (field, error) => (field.Key, error.ErrorMessage)).ToList();
        if (errors.Count == 0)
        {
            output.SuppressOutput();
            return;
        }
        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "note bad");
        output.Attributes.SetAttribute("role", "alert");
        output.Attributes.SetAttribute("tabindex", "-1");
        var count = errors.Count < Words.Length ? Words[errors.Count] : $"{errors.Count} things";
        output.Content.AppendHtml(Icon.Warning).AppendHtml("<div><p><b>").Append($"{count} to correct").AppendHtml("</b></p><ul class=\"small\">");
        foreach (var (key, message) in errors)
        {
            output.Content.AppendHtml("<li>").AppendHtml(key.Length == 0
                ? FieldTag.Element("span", message)
                : FieldTag.Element("a", message, ("href", "#" + FieldTag.IdOf(key)), ("class", "tap"))).AppendHtml("</li>");
        }
        output.Content.AppendHtml("</ul></div>");
    }
}

/// <summary>What will be here, and one thing to do, as content.</summary>
[HtmlTargetElement("empty")]
public sealed class EmptyTag : TagHelper
{
    private const string Floor = "<path d=\"M4 58h136\" stroke=\"var(--ink)\" stroke-width=\"3\"/>";

    private static readonly Dictionary<string, string> Pictures = new()
    {
        ["work"] = "<path d=\"M30 58V26h34v32M30 26l8-10h34l-8 10M64 26l8-10v32l-8 10\"/><path d=\"M92 58V38h24v20\" stroke-dasharray=\"5 5\"/>",
        ["pay"] = "<path d=\"M8 42h40L136 10\" stroke-dasharray=\"5 5\"/>",
        ["list"] = "<path d=\"M24 16h60M24 28h84M24 40h44\" stroke-dasharray=\"5 5\"/>",
        ["chart"] = "<path d=\"M20 58V18h18v40M48 58V36h18v22M76 58V44h18v14M104 58V50h18v8\" stroke-dasharray=\"5 5\"/>",
        ["clock"] = "<circle cx=\"72\" cy=\"30\" r=\"18\"/><path d=\"M72 20v10l7 4\"/>",
    };

    /// <summary>work, pay, list, chart or clock.</summary>
    public string Picture { get; set; } = "list";

    public required string Title { get; set; }

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "section";
        output.Attributes.SetAttribute("class", "sheet empty");
        output.PreContent.AppendHtml("<svg viewBox=\"0 0 144 64\" aria-hidden=\"true\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"2.5\" stroke-linejoin=\"round\">")
            .AppendHtml(Floor + Pictures[Picture] + "</svg>").AppendHtml(FieldTag.Element("h2", Title));
    }
}

/// <summary>The line under a list that has more than one page; the content says where one is.</summary>
[HtmlTargetElement("pages")]
public sealed class PagesTag : TagHelper
{
    /// <summary>The address of the page before; null on the first.</summary>
    public string? Newer { get; set; }

    /// <summary>The address of the page after; null on the last.</summary>
    public string? Older { get; set; }

    /// <summary>What the list holds: entries, jobs, payouts.</summary>
    public string Of { get; set; } = "entries";

    public override void Process(TagHelperContext context, TagHelperOutput output)
    {
        output.TagName = "nav";
        output.Attributes.SetAttribute("class", "row");
        output.Attributes.SetAttribute("aria-label", "Pages");
        output.PreContent.AppendHtml("<span class=\"small hush\">");
        output.PostContent.AppendHtml("</span><span class=\"push row\">");
        if (!string.IsNullOrEmpty(Newer))
            output.PostContent.AppendHtml(FieldTag.Element("a", $"Newer {Of}", ("class", "btn text"), ("href", Newer)));
        if (!string.IsNullOrEmpty(Older))
            output.PostContent.AppendHtml(FieldTag.Element("a", $"Older {Of}", ("class", "btn plain"), ("href", Older)));
        output.PostContent.AppendHtml("</span>");
    }
}
