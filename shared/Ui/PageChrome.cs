using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace Marketplace.Ui;

/// <summary>For whom a page's header is.</summary>
public enum Role
{
    Visitor,
    Worker,
    Requester,
}

/// <summary>What a page tells the layout about itself: <c>ViewData.Chrome(new() { Title = "Earnings" })</c>.</summary>
public sealed record PageChrome
{
    public required string Title { get; init; }

    /// <summary>The place in the navigation that the page belongs to, such as <c>/earnings</c>; null: the page's own address.</summary>
    public string? Place { get; init; }

    /// <summary>Null: found from who is signed in.</summary>
    public Role? Role { get; init; }

    /// <summary>The classes of the main part.</summary>
    public string Main { get; init; } = "wrap flow";

    /// <summary>The work page has its pay bar where other pages have a foot.</summary>
    public bool Foot { get; init; } = true;

    /// <summary>The title starts with "Error:". Errors in the model state say so by themselves.</summary>
    public bool Error { get; init; }
}

/// <summary>Between a page and the layout.</summary>
public static class PageChromes
{
    private const string Key = "Marketplace.Chrome";

    public static void Chrome(this ViewDataDictionary data, PageChrome chrome) => data[Key] = chrome;

    internal static PageChrome Chrome(this ViewDataDictionary data) =>
        data[Key] as PageChrome ?? new PageChrome { Title = data["Title"] as string ?? "" };

    /// <summary>Who the header is for. On pages open to all the cookies decide: this opens no door, it only chooses links.</summary>
    internal static Role RoleOf(HttpContext http)
    {
        if (http.User.Identity is ClaimsIdentity { IsAuthenticated: true, AuthenticationType: { } type })
            return type.Equals("requester", StringComparison.OrdinalIgnoreCase) ? Role.Requester : Role.Worker;
        var requester = http.Request.Cookies.ContainsKey("requester");
        var worker = http.Request.Cookies.ContainsKey("worker");
        var atRequester = http.Request.Path.StartsWithSegments("/requester", StringComparison.OrdinalIgnoreCase);
        return requester && (atRequester || !worker) ? Role.Requester
            : worker && !atRequester ? Role.Worker
            : Role.Visitor;
    }
}

/// <summary>One place in the header.</summary>
internal sealed record Place(string Path, string Name)
{
    /// <summary>At most three for each role.</summary>
    internal static Place[] Of(Role role) => role switch
    {
        Role.Worker => [new("/", "Jobs"), new("/earnings", "Earnings"), new("/ledger", "Ledger")],
        Role.Requester => [new("/requester/jobs", "My jobs"), new("/requester/jobs/new", "Post"), new("/ledger", "Ledger")],
        _ => [new("/ledger", "Ledger")],
    };

    /// <summary>Whether a page at an address belongs here: the longest place that its address starts with.</summary>
    internal bool Holds(string path, Place[] places) =>
        places.Where(p => p.Path == path || (p.Path.Length > 1 && path.StartsWith(p.Path + "/", StringComparison.Ordinal)))
            .MaxBy(p => p.Path.Length) == this;
}
