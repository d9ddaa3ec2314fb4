using System.Globalization;

namespace Marketplace.ServiceTests.Payment;

/// <summary>
/// A ledger of three months in a zone whose days start within an hour: each month's file stands alone, and both accounting tools
/// come to the ledger's balances, to the micro-unit.
/// </summary>
public sealed class MonthsTests : IAsyncLifetime
{
    private static readonly TimeZoneInfo Kolkata = TimeZoneInfo.FindSystemTimeZoneById("Asia/Kolkata");
    private readonly DrivenClock _clock = new();
    private RunningService _service = null!;
    private JobPosted _job = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await RunningService.Start(
            "payment", Marketplace.Payment.PaymentService.Build, _clock, "--Payouts:AskEveryMs=50", "--Installation:TimeZone=Asia/Kolkata");
        _job = PaymentFixture.AJob(Guid.NewGuid(), 10_000_000) with { Title = "Which \"bird\" \\ is it; or | not?" };
        await PaysIn(12_000_000);
        await _service.Broker.Publish(_job);
        await Wait.Eventually(() => _service.Broker.Heard<JobFunded>().Any(f => f.JobId == _job.JobId));

        using var worker = await Works(12);
        (await worker.PostOnce("/ledger/cash-out", new { amountMicros = 30_000 })).EnsureSuccessStatusCode();
        await Wait.Eventually(() => _service.Broker.Heard<PayoutSettled>().Count > 0);

        // Ten minutes into April by the zone's clock, and so in an hour that began in March; then well into April and May.
        To(new DateTime(2026, 4, 1, 0, 10, 0));
        (await Works(3)).Dispose();
        await PaysIn(1_010_000);
        (await Works(1)).Dispose();
        To(new DateTime(2026, 4, 17, 12, 0, 0));
        (await Works(4)).Dispose();
        To(new DateTime(2026, 6, 2, 12, 0, 0));
        (await Works(2)).Dispose();
        await PaymentFixture.EverythingIsPublic(_service);
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Both_tools_accept_every_month_and_the_whole_and_come_to_the_ledgers_balances()
    {
        AccountingTools.MustBeInstalled();
        long first = 1, rows = 0;
        foreach (var month in (string[])["2026-03", "2026-04", "2026-05", "2026-06"])
        {
            var journal = await Download($"journal?month={month}");
            var entries = SealedText.Rows(journal);
            await Agree(journal, await Download($"beancount?month={month}"), first + entries - 1);
            (first, rows) = (first + entries, rows + entries);
        }

        var whole = await Download("journal");
        Assert.Equal(rows, SealedText.Rows(whole));
        await Agree(whole, await Download("beancount"), long.MaxValue);
    }

    [Fact]
    public async Task Each_month_has_the_days_that_the_whole_gives_its_entries()
    {
        static List<string> Dated(string journal) => [.. journal.Split('\n').Where(l => l.Contains(" (", StringComparison.Ordinal) && char.IsDigit(l[0]))];
        var whole = Dated(await Download("journal"));
        var months = new List<string>();
        foreach (var month in (string[])["2026-03", "2026-04", "2026-05", "2026-06"])
        {
            var lines = Dated(await Download($"journal?month={month}"));
            Assert.All(lines, line => Assert.StartsWith(month, line, StringComparison.Ordinal));
            months.AddRange(lines);
        }

        Assert.Equal(whole, months);
    }

    [Fact]
    public async Task A_wrong_balance_is_refused_by_both_even_by_a_millionth()
    {
        AccountingTools.MustBeInstalled();
        var journal = await Download("journal?month=2026-04");
        var beancount = await Download("beancount?month=2026-04");
        var fees = (await AccountingTools.LedgerBalances(_service.Database, SealedText.Rows(await Download("journal?month=2026-03")) + SealedText.Rows(journal)))["income:fees"];
        string Text(long micros) => (micros / 1_000_000m).ToString("0.000000", CultureInfo.InvariantCulture);
        Assert.NotEqual("", await AccountingTools.HledgerSays(journal.Replace($"income:fees  0.000000 EUR = {Text(fees)}", $"income:fees  0.000000 EUR = {Text(fees + 1)}", StringComparison.Ordinal)));
        Assert.NotEqual("", await AccountingTools.BeancountSays(beancount.Replace($"Income:Fees  {Text(fees)} ~", $"Income:Fees  {Text(fees + 1)} ~", StringComparison.Ordinal)));
    }

    private async Task Agree(string journal, string beancount, long upTo)
    {
        Assert.Equal("", await AccountingTools.HledgerSays(journal));
        Assert.Equal("", await AccountingTools.BeancountSays(beancount));
        var ledger = await AccountingTools.LedgerBalances(_service.Database, upTo);
        Assert.Equal(ledger, await AccountingTools.HledgerBalances(journal));
        Assert.Equal(ledger, await AccountingTools.BeancountBalances(beancount));
    }

    private async Task<string> Download(string which)
    {
        using var anybody = _service.Anybody();
        return SealedText.Checked(await anybody.GetByteArrayAsync($"/ledger/export.{which}", TestContext.Current.CancellationToken));
    }

    private void To(DateTime local) => _clock.Advance(TimeZoneInfo.ConvertTimeToUtc(local, Kolkata) - _clock.GetUtcNow().UtcDateTime);

    private async Task PaysIn(long micros)
    {
        using var requester = _service.Requester(_job.RequesterId);
        (await requester.PostOnce("/ledger/deposits", new { amountMicros = micros })).EnsureSuccessStatusCode();
    }

    /// <summary>So many people submit an answer each; returns one of them.</summary>
    private async Task<HttpClient> Works(int people)
    {
        TaskCompleted[] ends = [.. Enumerable.Range(0, people).Select(i => PaymentFixture.AnEnd(_job, activeMs: 5_000 + (i * 1_700)))];
        await _service.Broker.Publish(ends);
        await Wait.Eventually(() => ends.All(e => _service.Broker.Heard<WorkerPaid>().Any(p => p.AssignmentId == e.AssignmentId)));
        return _service.Worker(ends[0].WorkerId);
    }
}
