using System.Text.RegularExpressions;
using Marketplace.ServiceTests;
using static Marketplace.JourneyTests.Verification;
using static Microsoft.Playwright.Assertions;
using Environment = Marketplace.ServiceTests.Environment;

namespace Marketplace.JourneyTests;

/// <summary>
/// The log's key is changed. A browser that remembers a checkpoint of the old key believes the new one because both signed the
/// hand-over, and believes no key without that.
/// </summary>
public sealed class ChangedKey(HandedOverKey handedOver) : IClassFixture<HandedOverKey>
{
    private const string Step = "The new key was named by the one you knew";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_key_that_the_old_one_names_is_believed_and_that_is_said(bool onPhone)
    {
        var reader = handedOver.Reader(onPhone);
        Assert.Equal("right", await Verified(reader));
        var verify = reader.Page.Locator("#verify");
        await Expect(verify.Locator("h2")).ToHaveTextAsync("Your browser checked it: 7 of 7 right");
        await Expect(verify.Locator(".steps .fine", new() { HasText = Step })).ToContainTextAsync("names the new one, and both signed that");
        await Expect(verify).ToContainTextAsync("are all still there, in the same order");
        await Fits(reader, onPhone);

        // From then on the new key is the one that it knows.
        Assert.Equal("right", await Verified(reader));
        await Expect(verify.Locator("h2")).ToHaveTextAsync("Your browser checked it: 6 of 6 right");
        reader.HasNoComplaint();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_key_that_nobody_names_is_found(bool onPhone)
    {
        var reader = handedOver.Suspicious(onPhone);
        await reader.Page.RouteAsync("**/log/key/handovers", route => route.FulfillAsync(new() { Body = "", ContentType = "text/plain" }));
        await IsFound(reader, Step, "the key that this browser remembers does not name it");
        await Fits(reader, onPhone);
        await reader.Page.UnrouteAllAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_hand_over_that_one_of_the_two_keys_did_not_sign_is_found(int signature)
    {
        var reader = handedOver.Suspicious();
        await reader.Page.RouteAsync("**/log/key/handovers", async route =>
        {
            var note = await (await route.FetchAsync()).TextAsync();
            var line = Regex.Matches(note, "^— .*$", RegexOptions.Multiline)[signature];
            await route.FulfillAsync(new() { Body = note.Replace(line.Value, Forged(line.Value), StringComparison.Ordinal), ContentType = "text/plain" });
        });
        await IsFound(reader, Step, "it is forged");
        await Expect(reader.Page.Locator("#verify [data-when]")).ToContainTextAsync("Ask the cooperative, in another way than on these pages");

        // One entry alone is not believed either.
        await reader.Open("/ledger/entries");
        await reader.Page.Locator("details.entry summary").First.ClickAsync();
        await reader.Press("Verify this entry");
        await Expect(reader.Page.Locator("details.entry [data-says].bad")).ToContainTextAsync("it is forged");
        await reader.Page.UnrouteAllAsync();
    }

    /// <summary>The signature line with another last bit in its signature.</summary>
    private static string Forged(string line)
    {
        var words = line.Split(' ');
        var blob = Convert.FromBase64String(words[2]);
        blob[^1] ^= 1;
        return $"{words[0]} {words[1]} {Convert.ToBase64String(blob)}";
    }
}

/// <summary>A marketplace whose log got a new key after some readers had verified it, and before anything more was booked.</summary>
public sealed class HandedOverKey : IAsyncLifetime
{
    private readonly RunningMarketplace _marketplace = new();
    private readonly List<Person> _readers = [];

    /// <summary>Somebody who was there before.</summary>
    internal Person Reader(bool onPhone) => Here(onPhone ? 1 : 0);

    /// <summary>Somebody who was there before, and is shown no good hand-over.</summary>
    internal Person Suspicious(bool onPhone = false) => Here(onPhone ? 3 : 2);

    public async ValueTask InitializeAsync()
    {
        if (RunningMarketplace.IsElsewhere)
            return;
        await _marketplace.InitializeAsync();
        using var anybody = new HttpClient { BaseAddress = _marketplace.Address };
        await Wait.Eventually(async () => (await anybody.GetAsync("/log/checkpoint")).IsSuccessStatusCode);
        foreach (var onPhone in new[] { false, true, false, true })
        {
            _readers.Add(await _marketplace.Somebody(onPhone, withScript: true));
            Assert.Equal("right", await Verified(_readers[^1]));
        }

        var key = Path.Combine(Environment.Current.KeyFolder, "log.key");
        await _marketplace.RestartPayment($"--Log:OldKeyFile={key}", $"--Log:KeyFile={key}.next");
        await Wait.Eventually(async () => await anybody.GetAsync("/log/key/handovers") is { IsSuccessStatusCode: true } answer && await answer.Content.ReadAsStringAsync() != "");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var reader in _readers)
            await reader.DisposeAsync();
        await _marketplace.DisposeAsync();
    }

    private Person Here(int reader)
    {
        Assert.SkipWhen(RunningMarketplace.IsElsewhere, "The key of a marketplace elsewhere is not a test's to change.");
        return _readers[reader];
    }
}
