using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Marketplace.ServiceTests.Payment;

/// <summary>The accounting tools that the downloads are for: what they say of a file, and the balances they compute from it.</summary>
internal static class AccountingTools
{
    /// <summary>Skips the test where a tool is missing; deploy/test installs both.</summary>
    internal static void MustBeInstalled()
    {
        var folders = (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        foreach (var tool in (string[])["hledger", "bean-check", "bean-query"])
        {
            if (!folders.Any(folder => File.Exists(Path.Combine(folder, tool))))
                Assert.Skip($"{tool} is not installed: apt-get install hledger beancount.");
        }
    }

    /// <summary>hledger's complaints about a journal; empty where it has none.</summary>
    internal static async Task<string> HledgerSays(string journal) => (await Run(["hledger", "-f", "-", "check", "-s", "ordereddates"], journal)).Output;

    /// <summary>Balances in micro-units by account, as hledger computes them; accounts at 0 are left out.</summary>
    internal static async Task<SortedDictionary<string, long>> HledgerBalances(string journal)
    {
        var (code, output) = await Run(["hledger", "-f", "-", "balance", "--flat", "--no-total", "-O", "csv"], journal);
        Assert.Equal(0, code);
        return Balances(output, account => account);
    }

    /// <summary>bean-check's complaints about a file, its pedantic plugin's too.</summary>
    internal static Task<string> BeancountSays(string text) => InFile(text, async file => (await Run(["bean-check", "--no-cache", file])).Output);

    /// <summary>Balances in micro-units by account, in the ledger's own spelling.</summary>
    internal static Task<SortedDictionary<string, long>> BeancountBalances(string text) => InFile(text, async file =>
    {
        var (code, output) = await Run(["bean-query", "-f", "csv", file, "select account, sum(position) group by account"]);
        Assert.Equal(0, code);
        return Balances(output, account => account.ToLowerInvariant());
    });

    /// <summary>Balances in micro-units by public account after an entry, as the ledger's own tables have them.</summary>
    internal static async Task<SortedDictionary<string, long>> LedgerBalances(NpgsqlDataSource database, long upTo = long.MaxValue)
    {
        await using var command = database.CreateCommand(SelectBalances);
        command.Parameters.AddWithValue(upTo);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var balances = new SortedDictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            balances[reader.GetString(0)] = reader.GetInt64(1);
        return balances;
    }

    private static SortedDictionary<string, long> Balances(string csv, Func<string, string> spelled)
    {
        var balances = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            var cells = line.Split(',').Select(cell => cell.Trim(' ', '"', '\r')).ToArray();
            var amount = cells[1].Split(' ')[0];
            var micros = amount.Length == 0 ? 0 : (long)(decimal.Parse(amount, CultureInfo.InvariantCulture) * 1_000_000);
            if (micros != 0)
                balances[spelled(cells[0])] = micros;
        }

        return balances;
    }

    private static async Task<T> InFile<T>(string text, Func<string, Task<T>> use)
    {
        var folder = Directory.CreateTempSubdirectory("ledger-");
        try
        {
            var file = Path.Combine(folder.FullName, "ledger.beancount");
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
            return await use(file);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<(int Code, string Output)> Run(string[] command, string input = "")
    {
        using var tool = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["LC_ALL"] = "C.UTF-8" },
        })!;
        var output = tool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = tool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tool.StandardInput.WriteAsync(input);
        tool.StandardInput.Close();
        await tool.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (tool.ExitCode, await output + await errors);
    }

    private const string SelectBalances = """
        select a.public_name, sum(p.amount_micros)::bigint
        from posting p
        join account a using (account_id)
        where p.entry_number <= $1
        group by a.public_name
        having sum(p.amount_micros) <> 0
        """;
}
