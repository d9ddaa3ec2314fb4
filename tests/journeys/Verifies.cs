using Microsoft.Playwright;
using static Marketplace.JourneyTests.Verification;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.JourneyTests;

/// <summary>
/// The browser checks the ledger and a payslip by itself, on a desk and on a phone; and says so loudly when what it is shown was
/// forged on the way: an edited entry, a forged signature, a history written anew.
/// </summary>
public sealed class Verifies(LabeledSentences labeled) : IClassFixture<LabeledSentences>
{
    private readonly RunningMarketplace _marketplace = labeled.Marketplace;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_ledger_is_verified_and_remembered(bool onPhone)
    {
        await using var reader = await _marketplace.Somebody(onPhone, withScript: true);
        Assert.Equal("right", await Verified(reader));
        await Expect(reader.Page.Locator("#verify h2")).ToHaveTextAsync("Your browser checked it: 6 of 6 right");
        await Expect(reader.Page.Locator("#verify")).ToContainTextAsync("This is your first visit");
        await Expect(reader.Page.Locator("#verify")).ToContainTextAsync("each line and the total of the trial balance");
        await Fits(reader, onPhone);

        Assert.Equal("right", await Verified(reader));
        await Expect(reader.Page.Locator("#verify")).ToContainTextAsync("are all still there, in the same order");

        await reader.Open("/ledger/entries?kind=assignment-paid");
        await reader.Page.Locator("details.entry summary").First.ClickAsync();
        await reader.Press("Verify this entry");
        await Expect(reader.Page.Locator("details.entry [data-says]")).ToContainTextAsync("4 of 4 right");
        await Fits(reader, onPhone);
        reader.HasNoComplaint();
    }

    [Fact]
    public async Task An_edited_entry_is_found()
    {
        await using var reader = await _marketplace.Somebody();
        await reader.Page.RouteAsync("**/log/tile/entries/**", async route =>
        {
            var body = await (await route.FetchAsync()).BodyAsync();
            body[^1] ^= 1;
            await route.FulfillAsync(new() { BodyBytes = body, ContentType = "application/octet-stream" });
        });
        await IsFound(reader, "Every entry on this page is in the signed ledger", "does not lead to the signed root");
    }

    [Theory]
    [InlineData("details.entry summary > .push", "Every entry on this page is in the signed ledger", "in another way than the signed ledger has it")]
    [InlineData("details.entry summary b", "Every entry on this page is in the signed ledger", "in another way than the signed ledger has it")]
    [InlineData("#trial-balance tbody td:last-child:not(:empty)", "The figures on this page are the sums of all entries", "its entries sum to")]
    [InlineData("#trial-balance tfoot td:last-child", "The figures on this page are the sums of all entries", "not the sum of its lines")]
    [InlineData("[aria-labelledby=hl] > dl.lines dd", "The figures on this page are the sums of all entries", "where the entries come to")]
    public async Task What_is_shown_to_the_eye_is_compared_whatever_the_page_says_beside_it(string selector, string step, string why)
    {
        await using var reader = await _marketplace.Somebody(withScript: true);
        await reader.Open("/ledger");
        var shown = reader.Page.Locator(selector).First;
        await shown.EvaluateAsync("e => { e.firstElementChild ? e.firstElementChild.textContent = '1.234567' : e.textContent = '1.234567' }");
        await reader.Press("Verify");
        await Expect(reader.Page.Locator("#verify .steps .wrong", new() { HasText = step })).ToContainTextAsync(why);
    }

    [Fact]
    public async Task A_forged_signature_is_found()
    {
        await using var reader = await _marketplace.Somebody();
        await reader.Page.RouteAsync("**/log/checkpoint", async route =>
        {
            var note = await (await route.FetchAsync()).TextAsync();
            var at = note.IndexOf("— ", StringComparison.Ordinal) + 60;
            await route.FulfillAsync(new() { Body = note[..at] + (note[at] == 'A' ? 'B' : 'A') + note[(at + 1)..], ContentType = "text/plain" });
        });
        await IsFound(reader, "The checkpoint carries the ledger’s signature", "not by the ledger’s key");
    }

    [Fact]
    public async Task A_history_written_anew_and_signed_with_the_ledgers_own_key_is_found()
    {
        await using var reader = await _marketplace.Somebody();
        Assert.Equal("right", await Verified(reader));

        var other = await RewrittenLog.Of(_marketplace.Address, entry: 2);
        await reader.Page.RouteAsync("**/log/**", other.Answer);
        await IsFound(reader, "Nothing was changed since your last visit", "were changed since");
        await Expect(reader.Page.Locator("#verify .steps .wrong")).ToHaveCountAsync(1);

        await reader.Page.UnrouteAllAsync();
        Assert.Equal("right", await Verified(reader));
    }

    [Fact]
    public async Task A_log_that_was_cut_is_found()
    {
        await using var reader = await _marketplace.Somebody();
        Assert.Equal("right", await Verified(reader));
        var other = await RewrittenLog.Of(_marketplace.Address, entry: 2, entries: 3);
        await reader.Page.RouteAsync("**/log/**", other.Answer);
        await IsFound(reader, "Nothing was changed since your last visit", "Entries are missing");
    }

    [Fact]
    public async Task A_browser_without_Ed25519_says_so_and_checks_the_rest()
    {
        await using var reader = await _marketplace.Somebody();
        await reader.Page.AddInitScriptAsync("""
            const known = crypto.subtle.importKey.bind(crypto.subtle)
            crypto.subtle.importKey = (format, key, algorithm, ...rest) => algorithm === 'Ed25519'
              ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError')) : known(format, key, algorithm, ...rest)
            """);
        Assert.Equal("right", await Verified(reader));
        await Expect(reader.Page.Locator("#verify h2")).ToHaveTextAsync("Your browser checked it: 5 of 6 right");
        await Expect(reader.Page.Locator("#verify")).ToContainTextAsync("Not checked: The checkpoint carries the ledger’s signature");
        await Expect(reader.Page.Locator("#verify")).ToContainTextAsync("This browser has no Ed25519");
    }

    [Fact]
    public async Task A_payslip_proves_every_line_and_one_of_them_step_by_step()
    {
        var worker = labeled.Worker;
        await worker.Open("/earnings");
        await worker.Press("Verify all 3 proofs");
        await Expect(worker.Page.Locator("[data-says-all]")).ToContainTextAsync("3 proofs hold");
        await Expect(worker.Page.Locator(".slip a.proof[data-result=right]")).ToHaveCountAsync(3);

        await worker.Page.Locator(".slip a.proof").First.ClickAsync();
        await worker.Press("Verify");
        await Expect(worker.Page.Locator("[data-says]")).ToContainTextAsync("6 of 6 right");
        await Expect(worker.Page.Locator(".steps")).ToContainTextAsync("Your salt opens its commitment");
        await worker.Page.Locator("summary", new() { HasText = "Prove to somebody" }).ClickAsync();
        await worker.Sees("auditor receipt entry.receipt");

        var download = await worker.Page.RunAndWaitForDownloadAsync(() => worker.Page.GetByRole(AriaRole.Link, new() { Name = "Receipt" }).ClickAsync());
        Assert.Matches(@"^entry(-\d+)?\.receipt$", download.SuggestedFilename);
        Assert.StartsWith("marketplace/receipt@v1\nworker ", await File.ReadAllTextAsync((await download.PathAsync())!, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        worker.HasNoComplaint();
    }

    [Fact]
    public async Task A_receipt_that_was_edited_is_found_on_the_payslip_and_on_its_page()
    {
        var worker = labeled.Worker;
        await worker.Page.RouteAsync("**/ledger/receipts/*", async route =>
        {
            var receipt = await (await route.FetchAsync()).TextAsync();
            var at = receipt.IndexOf("extra ", StringComparison.Ordinal) + 100;
            await route.FulfillAsync(new() { Body = receipt[..at] + (receipt[at] == 'A' ? 'B' : 'A') + receipt[(at + 1)..], ContentType = "text/plain" });
        });
        try
        {
            await worker.Open("/earnings");
            await worker.Press("Verify all 3 proofs");
            await Expect(worker.Page.Locator("[data-says-all].bad")).ToContainTextAsync("do not lead from it to the signed root");
            await worker.Page.Locator(".slip a.proof").First.ClickAsync();
            await worker.Press("Verify");
            await Expect(worker.Page.Locator("[data-says].bad")).ToContainTextAsync("is not so");
        }
        finally
        {
            await worker.Page.UnrouteAllAsync();
        }
    }
}
