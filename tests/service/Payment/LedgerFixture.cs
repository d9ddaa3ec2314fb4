using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Marketplace.ServiceTests.Payment;

/// <summary>A payment service with a ledger that has something of everything, and what must not be found in its public pages.</summary>
public sealed class LedgerFixture : IAsyncLifetime
{
    internal PaymentFixture Given { get; } = new();

    internal JobPosted Job { get; private set; } = null!;

    internal TaskCompleted Slow { get; private set; } = null!;

    internal WorkerPaid SlowPaid { get; private set; } = null!;

    /// <summary>The public number of its entry.</summary>
    internal long SlowNumber { get; private set; }

    internal TaskCompleted Returned { get; private set; } = null!;

    /// <summary>Ids that only this service and the person's own pages know.</summary>
    internal List<Guid> Secrets { get; } = [];

    public async ValueTask InitializeAsync()
    {
        await Given.InitializeAsync();
        Job = await Given.AFundedJob(10_000_000);
        Slow = PaymentFixture.AnEnd(Job, activeMs: 41_200);
        Returned = PaymentFixture.AnEnd(Job, activeMs: 29_999, end: AssignmentEnd.Returned);
        TaskCompleted[] ends = [Slow, Returned, .. Enumerable.Range(0, 30).Select(i => PaymentFixture.AnEnd(Job, activeMs: 5_000 + (i * 300)))];
        await Given.Broker.Publish(ends);
        foreach (var end in ends)
            await Given.Paid(end);
        SlowPaid = await Given.Paid(Slow);

        using var worker = Given.Service.Worker(Slow.WorkerId);
        (await worker.PostOnce("/ledger/cash-out", new { amountMicros = 100_000 })).EnsureSuccessStatusCode();
        await Wait.Eventually(() => Given.Broker.Heard<PayoutSettled>().Any(p => p.WorkerId == Slow.WorkerId));
        Secrets.AddRange(ends.SelectMany(e => new[] { e.WorkerId, e.AssignmentId }));
        Secrets.Add(Given.Broker.Heard<PayoutSettled>().First(p => p.WorkerId == Slow.WorkerId).PayoutId);
        await PaymentFixture.EverythingIsPublic(Given.Service);
        SlowNumber = await NumberOf(SlowPaid);
    }

    public ValueTask DisposeAsync() => Given.DisposeAsync();

    /// <summary>The public number of the entry that a worker was told of.</summary>
    internal async Task<long> NumberOf(WorkerPaid paid) =>
        (await Json($"/ledger/entries/{Convert.ToHexStringLower(paid.EntryKey!)}"))["number"]!.GetValue<long>();

    /// <summary>An address as a browser asks for it.</summary>
    internal async Task<string> Page(string address) => await Text(await Get(address, "text/html"));

    internal async Task<HttpResponseMessage> Get(string address, string accept)
    {
        using var client = new HttpClient { BaseAddress = Given.Service.Address };
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        return await client.GetAsync(address, TestContext.Current.CancellationToken);
    }

    internal async Task<JsonObject> Json(string address) =>
        JsonNode.Parse(await Text(await Get(address, "application/json")))!.AsObject();

    internal static async Task<string> Text(HttpResponseMessage answer) => await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    /// <summary>The numbers of the entries on a page of JSON.</summary>
    internal static List<long> Numbers(JsonObject page) => [.. page["entries"]!.AsArray().Select(e => e!["number"]!.GetValue<long>())];
}
