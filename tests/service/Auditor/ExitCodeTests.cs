using System.Diagnostics;
using System.Text.Json.Nodes;
using Marketplace.Payment.Transparency;
using Marketplace.ServiceTests.Payment;
using NSec.Cryptography;

namespace Marketplace.ServiceTests.Auditor;

/// <summary>The auditor as a program: 0 where all holds, 1 where something does not, 2 where it could not be checked.</summary>
public sealed class ExitCodeTests(PaymentFixture given) : IClassFixture<PaymentFixture>, IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("auditor-").FullName;

    public async ValueTask InitializeAsync()
    {
        await given.ARequesterWith(10_000);
        using var client = given.Service.Anybody();
        await Wait.Eventually(async () =>
        {
            using var answer = await client.GetAsync("/log/receipt/2", TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        });
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Verify()
    {
        string[] here = ["--url", given.Service.Address.ToString(), "--data", _folder];
        var (code, said) = await Run(["verify", .. here]);
        Assert.Equal(0, code);
        Assert.Contains("passed  Every key comes once", said, StringComparison.Ordinal);
        Assert.EndsWith("Everything holds.\n", said, StringComparison.Ordinal);

        (code, said) = await Run(["verify", .. here, "--json"]);
        Assert.Equal(0, code);
        Assert.True(JsonNode.Parse(said)!["passed"]!.GetValue<bool>());

        using var key = Key.Create(SignatureAlgorithm.Ed25519);
        var witness = Marketplace.Auditor.Log.VerifierKey.Of("witness.test/anna", 0x04, key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
        (code, said) = await Run(["verify", .. here, "--witness", witness.ToString()]);
        Assert.Equal(1, code);
        Assert.Contains("FAILED  Enough witnesses have signed it: 0 of 1", said, StringComparison.Ordinal);
        Assert.Equal(2, (await Run(["verify", "--url", "http://127.0.0.1:9", "--data", _folder])).Code);
    }

    [Fact]
    public async Task Receipt_and_evidence()
    {
        using var client = given.Service.Anybody();
        var key = await client.GetStringAsync("/log/key", TestContext.Current.CancellationToken);
        var receipt = await Write("receipt", await client.GetStringAsync("/log/receipt/2", TestContext.Current.CancellationToken));
        Assert.Equal(0, (await Run(["receipt", receipt, "--key", key])).Code);
        var (code, said) = await Run(["receipt", receipt, "--key", key, "--salt", new string('0', 64), "--worker", Guid.NewGuid().ToString(), "--entry-key", "assignment:1"]);
        Assert.Equal(1, code);
        Assert.Contains("FAILED  The commitment is not opened", said, StringComparison.Ordinal);
        Assert.Equal(2, (await Run(["receipt", Path.Combine(_folder, "nowhere"), "--key", key])).Code);

        const string origin = "marketplace.test/ledger";
        using var logKey = Key.Create(SignatureAlgorithm.Ed25519);
        string Signed(byte root) => SignedNote.Sign(new Checkpoint(origin, 3, [.. Enumerable.Repeat(root, 32)]).Text, origin, logKey);
        string Evidence(byte one, byte other) =>
            $"marketplace/log-evidence@v1\nkey {SignedNote.VerifierKey(origin, logKey.PublicKey.Export(KeyBlobFormat.RawPublicKey))}\n\n{Signed(one)}\n{Signed(other)}";
        (code, said) = await Run(["evidence", await Write("fork", Evidence(1, 2))]);
        Assert.Equal(0, code);
        Assert.StartsWith("PROVEN  marketplace.test/ledger signed two different ledgers of 3 entries.", said, StringComparison.Ordinal);
        Assert.Equal(1, (await Run(["evidence", await Write("same", Evidence(1, 1))])).Code);
        Assert.Equal(1, (await Run(["evidence", Path.Combine(_folder, "fork"), "--key", key])).Code);
        Assert.Equal(2, (await Run(["evidence", receipt])).Code);
    }

    private async Task<string> Write(string name, string text)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, name), text, TestContext.Current.CancellationToken);
        return Path.Combine(_folder, name);
    }

    private static async Task<(int Code, string Output)> Run(params string[] arguments)
    {
        using var auditor = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "auditor.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (said, complained) = (auditor.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), auditor.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await auditor.WaitForExitAsync(TestContext.Current.CancellationToken);
        await complained;
        return (auditor.ExitCode, await said);
    }
}
