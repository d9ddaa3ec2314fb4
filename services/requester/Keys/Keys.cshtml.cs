using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Npgsql;

namespace Marketplace.Requester.Keys;

/// <summary>Makes, lists and revokes the keys of a requester's programs.</summary>
internal sealed class KeysPage(NpgsqlDataSource database, TimeProvider clock) : PageModel
{
    public IReadOnlyList<ListKeys.Key> Keys { get; private set; } = [];

    /// <summary>The key that was just made: on this one page, and never again.</summary>
    public MakeKey.Response? Made { get; private set; }

    public string Name { get; private set; } = "";

    public async Task OnGet(CancellationToken cancel) => Keys = await ListKeys.Handle(User, database, cancel);

    public async Task<IActionResult> OnPost(string? name, CancellationToken cancel)
    {
        Name = (name ?? "").Trim();
        var request = new MakeKey.Request(Name);
        var checkedRequest = await new MakeKey.Validator().ValidateAsync(request, cancel);
        if (checkedRequest.IsValid)
        {
            Made = (await MakeKey.Handle(request, User, database, clock, cancel)).Value;
            Name = "";
        }
        else
        {
            ModelState.AddModelError("name", "Give the key a name of at most 100 letters.");
        }

        await OnGet(cancel);
        Response.Headers.CacheControl = "no-store";
        return Page();
    }

    public async Task<IActionResult> OnPostRevoke(Guid keyId, CancellationToken cancel)
    {
        if ((await RevokeKey.Handle(keyId, User, database, clock, cancel)).Result is Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult)
            return NotFound();
        return LocalRedirect("/requester/keys");
    }
}
