namespace Marketplace.Payment.Exports;

/// <summary>The downloads: whole, or a month with <c>?month=2026-11</c>.</summary>
internal static class ExportsEndpoints
{
    internal static void MapExports(this IEndpointRouteBuilder routes)
    {
        var export = routes.MapGroup("/ledger").AllowAnonymous();

        export.MapGet("/export.csv", (HttpContext http, ExportLedger ledger, string? month) => ledger.Send(CsvText.Format, http, month));
        export.MapGet("/export.jsonl", (HttpContext http, ExportLedger ledger, string? month) => ledger.Send(JsonLinesText.Format, http, month));
        export.MapGet("/export.journal", (HttpContext http, ExportLedger ledger, string? month) => ledger.Send(JournalText.Format, http, month));
        export.MapGet("/export.beancount", (HttpContext http, ExportLedger ledger, string? month) => ledger.Send(BeancountText.Format, http, month));
    }
}
