using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Marketplace.Payment.Charts;
using Marketplace.Payment.Exports;
using Marketplace.Payment.Policy;
using Marketplace.Platform;
using Marketplace.Ui;
using Microsoft.AspNetCore.Mvc;
using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>What the ledger's pages need; they name their own addresses.</summary>
internal static class LedgerEndpoints
{
    internal static void AddLedgerPages(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<FloorInForce>(services => async cancel =>
        {
            await using var connection = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync(cancel);
            var policy = await PolicyQueries.InForce(connection, services.GetRequiredService<TimeProvider>().Now());
            return policy?.FloorPerHour.Micros;
        });
        builder.Services.AddSingleton<ReadAccountNames>();
        builder.Services.AddSingleton<ReadFigures>();
        builder.Services.AddSingleton<ReadCharts>();
        builder.Services.AddSingleton<ExportLedger>();
        builder.Services.AddHostedService<CountPay>();
    }

    /// <summary>A page's other face, for programs.</summary>
    internal static ContentResult Json<T>(T value, JsonTypeInfo<T> type) =>
        new() { Content = JsonSerializer.Serialize(value, type), ContentType = "application/json; charset=utf-8" };

    /// <summary>A page's refusal, for programs.</summary>
    internal static ObjectResult Problem(int status, string title, string detail, params (string Field, string Message)[] errors) =>
        new(Problems.Describe(status, title, detail, errors)) { StatusCode = status, ContentTypes = { "application/problem+json" } };
}
