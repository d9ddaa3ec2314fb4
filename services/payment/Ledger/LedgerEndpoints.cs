using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.Payment.Ledger;

/// <summary>The downloads; the pages beside them name their own addresses.</summary>
internal static class LedgerEndpoints
{
    internal static void AddLedgerPages(this IServiceCollection services)
    {
        services.AddSingleton<AccountNames>();
        services.AddSingleton<ReadFigures>();
    }

    internal static void MapLedger(this IEndpointRouteBuilder routes)
    {
        var export = routes.MapGroup("/ledger").AllowAnonymous();

        export.MapGet("/export.csv", ExportLedger.Csv);
        export.MapGet("/export.jsonl", ExportLedger.JsonLines);
        export.MapGet("/export.journal", ExportLedger.Journal);
    }

    /// <summary>A page's other face, for programs.</summary>
    internal static ContentResult Json<T>(T value, JsonTypeInfo<T> type) =>
        new() { Content = JsonSerializer.Serialize(value, type), ContentType = "application/json; charset=utf-8" };
}
