using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Marketplace.ServiceTests.Payment;

/// <summary>A receipt verifies without us, by the script that the README names, on a running ledger.</summary>
public sealed partial class ReceiptRecipeTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>, IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("receipt-");
    private string _receipt = "";
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        using var worker = ledger.Given.Service.Worker(ledger.Slow.WorkerId);
        await Wait.Eventually(async () =>
        {
            using var answer = await worker.GetAsync($"/ledger/receipts/{ledger.Slow.AssignmentId}", TestContext.Current.CancellationToken);
            _receipt = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        });
        _key = await ledger.Page("/log/key");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_readmes_script_verifies_a_workers_receipt()
    {
        var (code, said) = await Script(_receipt);
        Assert.True(code == 0, said);
        Assert.Contains($"Entry {ledger.SlowNumber} is in the ledger of marketplace.local/ledger", said, StringComparison.Ordinal);
        Assert.Contains("and is that worker’s", said, StringComparison.Ordinal);
        Assert.Contains("active 41200 ms", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_holds_for_every_entry_of_the_ledger()
    {
        for (var number = 1; number <= ledger.SlowNumber; number++)
            Assert.Equal(0, (await Script(await ledger.Page($"/log/receipt/{number}"))).Code);
    }

    [Fact]
    public async Task It_is_what_the_readme_says()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Root(), "README.md"), TestContext.Current.CancellationToken);
        Assert.Matches(Use(), readme);
    }

    [Theory]
    [InlineData("salt ", 5)]
    [InlineData("active=", 7)]
    [InlineData("allowance-left=", 15)]
    [InlineData("wall=", 5)]
    [InlineData("extra ", 40)]
    [InlineData("index ", 6)]
    [InlineData("\n\nmarketplace.local/ledger\n", 30)]
    [InlineData("— ", 60)]
    public async Task It_refuses_what_was_changed(string after, int offset)
    {
        var at = _receipt.IndexOf(after, StringComparison.Ordinal) + offset;
        var changed = _receipt[..at] + (_receipt[at] is >= 'A' and < 'Z' or >= 'a' and < 'z' or >= '0' and < '9' ? (char)(_receipt[at] + 1) : 'A') + _receipt[(at + 1)..];
        Assert.Equal(1, (await Script(changed)).Code);
    }

    private async Task<(int Code, string Said)> Script(string receipt)
    {
        var (file, key) = (Path.Combine(_folder.FullName, "receipt"), Path.Combine(_folder.FullName, "key"));
        await File.WriteAllTextAsync(file, receipt, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(key, _key, TestContext.Current.CancellationToken);
        using var script = Process.Start(new ProcessStartInfo(Path.Combine(Root(), "deploy", "verify-receipt"), [file, key])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = script.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = script.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (script.ExitCode, await output + await errors);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Marketplace.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex("deploy/verify-receipt entry-[0-9]+\\.receipt key")]
    private static partial Regex Use();
}
