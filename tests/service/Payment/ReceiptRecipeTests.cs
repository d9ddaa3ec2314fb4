using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Marketplace.ServiceTests.Payment;

/// <summary>A receipt verifies without us, by the README's recipe, word for word.</summary>
public sealed partial class ReceiptRecipeTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>, IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("receipt-");
    private string _receipt = "";
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        await Wait.Eventually(async () => (await ledger.Get($"/log/receipt/{ledger.SlowNumber}", "*/*")).IsSuccessStatusCode);
        _receipt = await ledger.Page($"/log/receipt/{ledger.SlowNumber}");
        _key = await ledger.Page("/log/key");
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_readmes_recipe_verifies_a_receipt()
    {
        var (code, said) = await Recipe(_receipt, _key);
        Assert.True(code == 0, said);
        Assert.Contains($"entry {ledger.SlowNumber}", said, StringComparison.Ordinal);
        Assert.Contains("Signature Verified Successfully", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_recipe_holds_for_every_entry_of_the_ledger()
    {
        for (var number = 1; number <= ledger.SlowNumber; number++)
            Assert.Equal(0, (await Recipe(await ledger.Page($"/log/receipt/{number}"), _key)).Code);
    }

    [Theory]
    [InlineData("extra ", 40)]
    [InlineData("index ", 6)]
    [InlineData("\n\n", -3)]
    [InlineData("\n\nmarketplace.local/ledger\n", 30)]
    [InlineData("— ", 60)]
    public async Task The_recipe_refuses_what_was_changed(string after, int offset)
    {
        var at = _receipt.IndexOf(after, StringComparison.Ordinal) + offset;
        var changed = _receipt[..at] + (_receipt[at] is >= 'A' and < 'Z' or >= 'a' and < 'z' or >= '0' and < '9' ? (char)(_receipt[at] + 1) : 'A') + _receipt[(at + 1)..];
        Assert.NotEqual(0, (await Recipe(changed, _key)).Code);
    }

    private async Task<(int Code, string Said)> Recipe(string receipt, string key)
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(Root(), "README.md"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "receipt"), receipt, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "key"), key, TestContext.Current.CancellationToken);
        using var shell = Process.Start(new ProcessStartInfo("bash", ["-c", Block().Match(readme).Groups[1].Value])
        {
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (shell.ExitCode, await output + await errors);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Marketplace.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex("```sh\n(python3 - .*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
