using Marketplace.Payment.Charts;
using Marketplace.Payment.Transparency;
using Marketplace.Platform;
using Marketplace.Ui;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>The public ledger: trial balance, hourly pay against the floor, and the newest entries.</summary>
[AllowAnonymous]
internal sealed class LedgerPage(
    NpgsqlDataSource database, ReadAccountNames accounts, ReadFigures figures, Witnesses witnesses, Installation installation) : PageModel
{
    public ListWitnesses.Response Witnesses { get; private set; } = null!;

    public LedgerFigures Figures { get; private set; } = null!;

    public PublicCharts Charts { get; private set; } = null!;

    public EntryList List { get; private set; } = null!;

    public async Task OnGetAsync([FromServices] ReadCharts charts, CancellationToken cancel)
    {
        Figures = await figures.Latest(cancel);
        Charts = await charts.Latest(Figures.People, cancel);
        Witnesses = await ListWitnesses.Handle(database, witnesses, cancel);
        List = await ListEntries.Handle(database, accounts, new EntryFilter(), ListEntries.OnAPage, installation.TimeZone, cancel);
    }
}

/// <summary>Entries by kind, job, account and day: a page for people, JSON for programs.</summary>
[AllowAnonymous]
internal sealed class EntriesPage(NpgsqlDataSource database, ReadAccountNames accounts, Installation installation) : PageModel
{
    public EntryList List { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string? kind, string? of, string? until, string? before, CancellationToken cancel)
    {
        var json = Request.WantsJson();
        var filter = EntryFilter.Read(kind, of, until, before, out var errors);
        if (json && errors.Count > 0)
            return new ObjectResult(Problems.Describe(400, "Some fields need another value", string.Join(" ", errors.Select(e => e.Message)), [.. errors]))
            {
                StatusCode = 400,
                ContentTypes = { "application/problem+json" },
            };

        List = await ListEntries.Handle(
            database, accounts, filter, json ? ListEntries.ForPrograms : ListEntries.OnAPage, installation.TimeZone, cancel);
        if (json)
            return LedgerEndpoints.Json(
                new EntryPage { Entries = List.Entries, Older = List.OlderBefore is { } number ? "/ledger/entries" + filter.Query(number) : null },
                LedgerJson.Readable.EntryPage);

        foreach (var (field, message) in errors)
            ModelState.AddModelError(field, message);
        Response.StatusCode = errors.Count > 0 ? 400 : 200;
        return Page();
    }
}

/// <summary>One entry: what was paid for what, and where the money went.</summary>
[AllowAnonymous]
internal sealed class EntryDetailPage(NpgsqlDataSource database, ReadAccountNames accounts) : PageModel
{
    public PublicEntry Entry { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(long number, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var found = await EntryQueries.ByNumbers(connection, [number], accounts, cancel);
        if (found.Count == 0)
            return NotFound();

        Entry = found[0];
        // An entry never changes; a reader may keep it for a while.
        Response.Headers.CacheControl = "public, max-age=60";
        Response.Headers.Vary = "Accept, Accept-Language, HX-Request, Cookie";
        return Request.WantsJson() ? LedgerEndpoints.Json(Entry, LedgerJson.Readable.PublicEntry)
            : Request.Headers.ContainsKey("HX-Request") ? Partial("_EntryDetail", Entry)
            : Page();
    }
}

/// <summary>The trial balance alone: a fragment for pages, JSON for programs.</summary>
[AllowAnonymous]
internal sealed class TrialBalancePage(ReadFigures figures, Installation installation) : PageModel
{
    public async Task<IActionResult> OnGetAsync(long? upTo, CancellationToken cancel)
    {
        if (upTo is { } number)
            return LedgerEndpoints.Json(await figures.BalanceUpTo(number, installation.Currency, cancel), LedgerJson.Readable.PublicTrialBalance);

        var latest = await figures.Latest(cancel);
        return Request.WantsJson()
            ? LedgerEndpoints.Json(
                new PublicTrialBalance
                {
                    Currency = installation.Currency,
                    Entries = latest.Entries,
                    Accounts = latest.TrialBalance,
                    DebitMicros = latest.DebitMicros,
                    CreditMicros = latest.CreditMicros,
                },
                LedgerJson.Readable.PublicTrialBalance)
            : Partial("_TrialBalance", latest);
    }
}

/// <summary>The five figures that a visitor's first page shows, as a fragment.</summary>
[AllowAnonymous]
internal sealed class SummaryPage(ReadFigures figures) : PageModel
{
    public async Task<IActionResult> OnGetAsync(CancellationToken cancel)
    {
        Response.Headers.CacheControl = "public, max-age=5";
        Response.Headers.Vary = "Accept-Language";
        return Partial("_Summary", await figures.Latest(cancel));
    }
}
