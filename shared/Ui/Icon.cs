using Microsoft.AspNetCore.Html;

namespace Marketplace.Ui;

/// <summary>The drawn signs, each a line on a square of 24. They always stand beside words.</summary>
public static class Icon
{
    public static readonly IHtmlContent Info = Line("<circle cx=\"12\" cy=\"12\" r=\"9\"/><path d=\"M12 11v5.5M12 7.6v.1\"/>");
    public static readonly IHtmlContent Warning = Line("<path d=\"M12 4L2.5 20h19L12 4zM12 10v4.5M12 17.4v.1\"/>");
    public static readonly IHtmlContent Check = Line("<path d=\"M4 12.5l5 5L20 6.5\"/>");
    public static readonly IHtmlContent Eye = Line("<path d=\"M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z\"/><circle cx=\"12\" cy=\"12\" r=\"2.8\"/>");
    public static readonly IHtmlContent Pause = Line("<path d=\"M9 5v14M15 5v14\"/>");
    public static readonly IHtmlContent Arrow = Line("<path d=\"M5 12h14M13 6l6 6-6 6\"/>");
    public static readonly IHtmlContent Return = Line("<path d=\"M9 7L4 12l5 5M4 12h11a5 5 0 015 5v1\"/>");
    public static readonly IHtmlContent Flag = Line("<path d=\"M6 21V4h12l-3 4.5 3 4.5H6\"/>");
    public static readonly IHtmlContent Leave = Line("<path d=\"M4 12h11M10 7l5 5-5 5M20 5v14\"/>");
    public static readonly IHtmlContent Upload = Line("<path d=\"M12 20V9M7 13l5-5 5 5M5 4h14\"/>");
    public static readonly IHtmlContent Key = Line("<circle cx=\"8\" cy=\"14\" r=\"4.5\"/><path d=\"M11.5 11L20 3.5M16 7l3 3\"/>");

    /// <summary>The emblem: the pay curve over the floor.</summary>
    public static readonly IHtmlContent Emblem = new HtmlString(
        "<svg viewBox=\"0 0 32 32\" aria-hidden=\"true\"><rect width=\"32\" height=\"32\" rx=\"5\" fill=\"var(--ink)\"/><path d=\"M14 19L26 9v10z\" fill=\"var(--mark)\"/>"
        + "<path d=\"M5 19h9L26 9M5 25h22\" fill=\"none\" stroke=\"var(--paper)\" stroke-width=\"2.5\" stroke-linejoin=\"round\"/></svg>");

    private static HtmlString Line(string shape) => new($"<svg class=\"i\" viewBox=\"0 0 24 24\" aria-hidden=\"true\">{shape}</svg>");
}
