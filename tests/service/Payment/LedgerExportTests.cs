using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Marketplace.ServiceTests.Payment;

/// <summary>Downloads of the whole ledger: complete, level, and accepted by the tool that accountants use.</summary>
public sealed class LedgerExportTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task The_journal_passes_every_check_of_hledger()
    {
        if (!HasHledger())
            Assert.Skip("hledger is not installed: apt-get install hledger.");

        var file = Path.Combine(Directory.CreateTempSubdirectory("ledger-").FullName, "ledger.journal");
        await File.WriteAllTextAsync(file, await ledger.Page("/ledger/export.journal"), TestContext.Current.CancellationToken);
        try
        {
            Assert.Equal((0, ""), await Run("-f", file, "check", "--strict"));
            Assert.Equal((0, ""), await Run("-f", file, "check", "ordereddates"));
            var (_, workers) = await Run("-f", file, "balance", "liabilities:workers:payable", "--no-total");
            Assert.Contains((await Balance("liabilities:workers:payable")).ToString("0.000000", CultureInfo.InvariantCulture), workers, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    [Fact]
    public async Task Json_lines_are_all_entries_in_order_each_as_its_own_address_gives_it()
    {
        var lines = (await ledger.Page("/ledger/export.jsonl")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(1, lines.Length).Select(n => (long)n), lines.Select(l => JsonNode.Parse(l)!["number"]!.GetValue<long>()));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(lines[^1]), await ledger.Json($"/ledger/entries/{lines.Length}")));
    }

    [Fact]
    public async Task The_rows_of_the_csv_sum_to_zero()
    {
        var rows = (await ledger.Page("/ledger/export.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var column = Array.IndexOf(rows[0].Split(','), "amount");
        var amounts = rows[1..].Select(r => r.Split(',')[column]).Where(a => a.Length > 0).Select(a => decimal.Parse(a, CultureInfo.InvariantCulture)).ToList();
        Assert.True(amounts.Count > 100);
        Assert.Equal(0, amounts.Sum());
    }

    [Fact]
    public async Task A_download_says_its_name_and_kind()
    {
        var answer = await ledger.Get("/ledger/export.csv", "text/html");
        Assert.StartsWith("text/csv", answer.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        Assert.EndsWith(".csv", answer.Content.Headers.ContentDisposition!.FileName!.Trim('"'), StringComparison.Ordinal);
    }

    private async Task<decimal> Balance(string account)
    {
        await using var command = ledger.Given.Service.Database.CreateCommand("select sum(balance_micros) / 1000000 from account where public_name = $1");
        command.Parameters.AddWithValue(account);
        return (decimal)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private static bool HasHledger() =>
        (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "hledger")));

    private static async Task<(int Code, string Output)> Run(params string[] arguments)
    {
        using var hledger = Process.Start(new ProcessStartInfo("hledger", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await hledger.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await hledger.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await hledger.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (hledger.ExitCode, output + errors);
    }
}
