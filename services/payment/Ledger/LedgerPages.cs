using System.Globalization;
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
        Charts = await charts.Latest(Figures, cancel);
        Witnesses = await ListWitnesses.Handle(database, witnesses, cancel);
        // Not further than the figures beside it, which may be a second behind.
        List = await ListEntries.Handle(database, accounts, new EntryFilter { Before = Figures.Entries + 1 }, ListEntries.OnAPage, installation.TimeZone, cancel);
        List = List with { Filter = new EntryFilter() };
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
            return LedgerEndpoints.Problem(400, "Some fields need another value", string.Join(" ", errors.Select(e => e.Message)), [.. errors]);

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

/// <summary>One entry: what was paid for what, and where the money went; by its number, or by its public key.</summary>
[AllowAnonymous]
internal sealed class EntryDetailPage(
    NpgsqlDataSource database, ReadAccountNames accounts, Publication publication, Installation installation, TimeProvider clock) : PageModel
{
    private const int KeyDigits = 2 * PublicKey.Bytes;

    public PublicEntry Entry { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string name, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (name.Length == KeyDigits && name.All(char.IsAsciiHexDigit))
            return await PublicationQueries.Number(Convert.FromHexString(name), connection, cancel) is { } known
                ? Redirect(string.Create(CultureInfo.InvariantCulture, $"/ledger/entries/{known}"))
                : await NotYet();
        if (!long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1)
            return NotFound();
        if (number > await PublicationQueries.Size(connection, cancel))
            return await NotYet();

        Entry = (await EntryQueries.ByNumbers(connection, [number], accounts, cancel))[0];
        // An entry never changes; a reader may keep it for a while.
        Response.Headers.CacheControl = "public, max-age=60";
        Response.Headers.Vary = "Accept, Accept-Language, HX-Request, Cookie";
        return Request.WantsJson() ? LedgerEndpoints.Json(Entry, LedgerJson.Readable.PublicEntry)
            : Request.Headers.ContainsKey("HX-Request") ? Partial("_EntryDetail", Entry)
            : Page();
    }

    private async Task<IActionResult> NotYet()
    {
        Response.Headers.CacheControl = "no-store";
        var detail = RefuseUnpublished.Detail(publication, clock, installation);
        if (Request.WantsJson())
            return LedgerEndpoints.Problem(404, RefuseUnpublished.Title, detail);

        await ErrorPage.Write(HttpContext, new() { Status = 404, Title = RefuseUnpublished.Title, Detail = detail, Reference = Problems.NewReference() });
        return new EmptyResult();
    }
}

/// <summary>The trial balance alone: a fragment for pages, JSON for programs.</summary>
[AllowAnonymous]
internal sealed class TrialBalancePage(ReadFigures figures, Installation installation) : PageModel
{
    public async Task<IActionResult> OnGetAsync(long? upTo, CancellationToken cancel)
    {
        if (upTo is { } number)
            return await figures.BalanceUpTo(number, installation.Currency, cancel) is { } then
                ? LedgerEndpoints.Json(then, LedgerJson.Readable.PublicTrialBalance)
                : LedgerEndpoints.Problem(404, "The ledger was never public up to exactly this entry", "Ask for the size of a checkpoint.");

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
