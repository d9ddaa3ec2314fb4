using System.Security.Cryptography;
using Marketplace.Auditor.Log;
using Marketplace.Auditor.Receipts;
using Marketplace.Auditor.Verify;
using Marketplace.Payment;
using Marketplace.Payment.Transparency;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.ServiceTests.Auditor;

/// <summary>The log's key changes: who knew the old one can follow, and nobody follows a key that the old one does not name.</summary>
public sealed class KeyHandoverTests : IAsyncLifetime
{
    private readonly string _keys = Directory.CreateTempSubdirectory("log-keys-").FullName;
    private readonly string _data = Directory.CreateTempSubdirectory("auditor-").FullName;
    private readonly string[] _settings = new string[3];
    private RunningService _service = null!;

    public KeyHandoverTests() => Set("first");

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.Start("payment", PaymentService.Build, null, _settings);

        // The auditor knows a log by its address.
        _settings[2] = $"--Urls={_service.Address}";
        await Deposit();
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        Directory.Delete(_keys, recursive: true);
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task While_it_is_handed_over_both_keys_sign_and_afterwards_the_new_one_alone()
    {
        Assert.True((await Verify()).Passed);
        var first = VerifierKey.Parse(await Text("/log/key"));

        await Restart("second", old: "first");
        var second = VerifierKey.Parse(await Text("/log/key"));
        Assert.NotEqual(first, second);
        await BothSign();
        await Deposit();
        await BothSign();
        Assert.Equal([first, second], KeyHandovers.Follow(await Text("/log/key/handovers"), first, second));

        // The last checkpoint before the change is the newest until something is booked: it must not look forged.
        async Task BothSign()
        {
            foreach (var note in new[] { await Text("/log/checkpoint"), Receipt.Parse(await Text("/log/receipt/1")).Checkpoint })
                Assert.True(Note.Read(note).IsSignedBy(first) && Note.Read(note).IsSignedBy(second));
        }

        // Who was there before and comes only now, long after: two keys later.
        await Restart("third", old: "second");
        await Deposit();
        await Restart("third");
        await Deposit();
        var third = VerifierKey.Parse(await Text("/log/key"));
        var last = SignedCheckpoint.Read(await Text("/log/checkpoint"));
        Assert.True(last.Note.IsSignedBy(third) && !last.Note.IsSignedBy(second));

        var report = await Verify();
        Assert.True(report.Passed, report.ToText());
        Assert.Contains(report.Checks, c => c.Result.Contains($"whose new key {third} the old one named", StringComparison.Ordinal));
        Assert.Contains(report.Checks, c => c.Result.Contains("entries were seen", StringComparison.Ordinal));
        Assert.True((await Verify()).Passed);
    }

    [Fact]
    public async Task A_key_that_the_old_one_does_not_name_is_not_followed_unless_it_is_given()
    {
        Assert.True((await Verify()).Passed);
        await Restart("stolen");
        await Deposit();
        var refused = await Assert.ThrowsAsync<CryptographicException>(() => Verify());
        Assert.Contains("the old key does not name the new one", refused.Message, StringComparison.Ordinal);

        Assert.True((await Verify(await Text("/log/key"))).Passed);
        Assert.True((await Verify()).Passed);
    }

    [Fact]
    public async Task A_key_is_handed_over_once()
    {
        await Restart("second", old: "first");
        await Deposit();
        await Restart("another", old: "first");
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => _service.Services.GetRequiredService<AppendLeaves>().Announce(TestContext.Current.CancellationToken));
        Assert.Contains("a key is handed over once", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(await Text("/log/key"), await Text("/log/key/handovers"), StringComparison.Ordinal);
    }

    /// <summary>What the service is told at its next start.</summary>
    private void Set(string key, string? old = null)
    {
        _settings[0] = $"--Log:KeyFile={Path.Combine(_keys, key)}";
        _settings[2] ??= "--Urls=http://127.0.0.1:0";
        _settings[1] = $"--Log:OldKeyFile={(old is null ? "" : Path.Combine(_keys, old))}";
    }

    private async Task Restart(string key, string? old = null)
    {
        await _service.Stop();
        Set(key, old);
        await _service.Start();
    }

    /// <summary>Something new to sign.</summary>
    private async Task Deposit()
    {
        using var requester = _service.Requester(Guid.NewGuid());
        using var client = _service.Anybody();
        var before = await Size(client);
        (await requester.PostOnce("/ledger/deposits", new { amountMicros = 10_000 })).EnsureSuccessStatusCode();
        await Wait.Eventually(async () => await Size(client) > before);
    }

    private static async Task<long> Size(HttpClient client)
    {
        using var answer = await client.GetAsync("/log/checkpoint", TestContext.Current.CancellationToken);
        return answer.IsSuccessStatusCode ? SignedCheckpoint.Read(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Size : 0;
    }

    private async Task<string> Text(string address)
    {
        using var client = _service.Anybody();
        return await client.GetStringAsync(address, TestContext.Current.CancellationToken);
    }

    private Task<Report> Verify(string? key = null) => VerifyCommand.Verify(
        new() { Url = _service.Address.ToString(), Data = _data, Key = key }, TestContext.Current.CancellationToken);
}
