using Microsoft.AspNetCore.Mvc.Rendering;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Microsoft.AspNetCore.Razor.TagHelpers;

namespace Marketplace.Ui.Tags;

/// <summary>
/// A control with its label, hint and error, in this order. What is not named here goes to the control itself: type,
/// value, autocomplete, inputmode, required. With <c>rows</c> it is a textarea; with options as content, a select.
/// The error comes from the model state under the same name, or from <c>error</c>.
/// </summary>
[HtmlTargetElement("field")]
public sealed class FieldTag : TagHelper
{
    private static readonly string[] Own = ["name", "label", "hint", "error", "unit", "value", "class", "id"];

    public required string Name { get; set; }

    public required string Label { get; set; }

    public string? Hint { get; set; }

    public string? Error { get; set; }

    /// <summary>What stands after the control: EUR, seconds.</summary>
    public string? Unit { get; set; }

    public string? Value { get; set; }

    /// <summary>Left out: made of the name.</summary>
    public string? Id { get; set; }

    [ViewContext, HtmlAttributeNotBound]
    public ViewContext View { get; set; } = null!;

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var options = await output.GetChildContentAsync();
        var id = Id ?? IdOf(Name);
        var error = Error ?? ErrorOf(View, Name);
        var control = Control(output, id, error, options);

        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "field");
        output.Content.Clear();
        output.Content.AppendHtml(Element("label", Label, ("for", id)));
        if (Hint is not null)
            output.Content.AppendHtml(Element("span", Hint, ("class", "hint"), ("id", id + "-hint")));
        if (error is not null)
            output.Content.AppendHtml(Wrong(error, id));
        if (Unit is null)
        {
            output.Content.AppendHtml(control);
            return;
        }
        var row = new TagBuilder("span");
        row.AddCssClass("unit");
        row.InnerHtml.AppendHtml(control).AppendHtml(Element("span", Unit));
        output.Content.AppendHtml(row);
    }

    private TagBuilder Control(TagHelperOutput output, string id, string? error, TagHelperContent options)
    {
        var name = output.Attributes.ContainsName("rows") ? "textarea" : options.IsEmptyOrWhiteSpace ? "input" : "select";
        var control = new TagBuilder(name);
        foreach (var attribute in output.Attributes.Where(a => !Own.Contains(a.Name)).ToList())
        {
            control.Attributes[attribute.Name] = attribute.Value is string or null ? (string?)attribute.Value ?? "" : attribute.Value.ToString();
            output.Attributes.Remove(attribute);
        }
        control.Attributes["id"] = id;
        control.Attributes["name"] = Name;
        var described = string.Join(' ', new[] { Hint is null ? null : id + "-hint", error is null ? null : id + "-error" }.Where(d => d is not null));
        if (described.Length > 0)
            control.Attributes["aria-describedby"] = described;
        if (error is not null)
            control.Attributes["aria-invalid"] = "true";
        if (name == "select")
            control.InnerHtml.AppendHtml(options);
        else if (name == "textarea")
            control.InnerHtml.Append("\n" + Value); // A browser drops the first line feed of a textarea.
        else
        {
            control.TagRenderMode = TagRenderMode.SelfClosing;
            if (Value is not null)
                control.Attributes["value"] = Value;
        }
        return control;
    }

    internal static string IdOf(string name) => name.Replace('.', '_').Replace('[', '_').Replace(']', '_');

    internal static string? ErrorOf(ViewContext view, string name) =>
        view.ViewData.ModelState.TryGetValue(name, out var entry) && entry.Errors.Count > 0 ? entry.Errors[0].ErrorMessage : null;

    internal static TagBuilder Wrong(string error, string id)
    {
        var wrong = new TagBuilder("span");
        wrong.AddCssClass("wrong");
        wrong.Attributes["id"] = id + "-error";
        wrong.InnerHtml.AppendHtml(Icon.Warning).AppendHtml(Element("span", error));
        return wrong;
    }

    internal static TagBuilder Element(string name, string text, params (string Name, string Value)[] attributes)
    {
        var element = new TagBuilder(name);
        foreach (var (key, value) in attributes)
            element.Attributes[key] = value;
        element.InnerHtml.Append(text);
        return element;
    }
}

/// <summary>A box to tick, with its error; the content is the label and may have links.</summary>
[HtmlTargetElement("tick")]
public sealed class TickTag : TagHelper
{
    public required string Name { get; set; }

    public string Value { get; set; } = "true";

    public bool Checked { get; set; }

    [ViewContext, HtmlAttributeNotBound]
    public ViewContext View { get; set; } = null!;

    public override async Task ProcessAsync(TagHelperContext context, TagHelperOutput output)
    {
        var label = await output.GetChildContentAsync();
        var (id, error) = (FieldTag.IdOf(Name), FieldTag.ErrorOf(View, Name));
        var box = new TagBuilder("input") { TagRenderMode = TagRenderMode.SelfClosing };
        box.MergeAttributes(new Dictionary<string, string?> { ["type"] = "checkbox", ["id"] = id, ["name"] = Name, ["value"] = Value });
        if (Checked)
            box.Attributes["checked"] = "checked";
        if (error is not null)
            box.MergeAttributes(new Dictionary<string, string?> { ["aria-invalid"] = "true", ["aria-describedby"] = id + "-error" });
        var tick = new TagBuilder("label");
        tick.AddCssClass("tick");
        tick.InnerHtml.AppendHtml(box).AppendHtml("<span>").AppendHtml(label).AppendHtml("</span>");

        output.TagName = "div";
        output.TagMode = TagMode.StartTagAndEndTag;
        output.Attributes.SetAttribute("class", "field");
        output.Content.Clear();
        if (error is not null)
            output.Content.AppendHtml(FieldTag.Wrong(error, id));
        output.Content.AppendHtml(tick);
    }
}
