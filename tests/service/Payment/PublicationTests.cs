using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Dapper;
using Marketplace.Payment;
using Marketplace.Payment.Ledger;
using Marketplace.Payment.Transparency;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.ServiceTests.Payment;

/// <summary>What anybody sees moves at the step, all at once, and nothing tells the order in which it was booked.</summary>
public sealed class PublicationTests : IAsyncLifetime
{
    private readonly DrivenClock _clock = new();
    private TimeSpan _step = TimeSpan.FromMinutes(5);
    private RunningService _service = null!;
    private JobPosted _job = null!;
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await Start();

    private async Task Start()
    {
        _service = await RunningService.Start(
            "payment", PaymentService.Build, _clock, "--Payouts:AskEveryMs=50", $"--Publication:Every={_step}", "--Installation:TimeZone=UTC");
        _job = PaymentFixture.AJob(Guid.NewGuid(), 10_000_000);
        using var requester = _service.Requester(_job.RequesterId);
        (await requester.PostOnce("/ledger/deposits", new { amountMicros = 12_000_000 })).EnsureSuccessStatusCode();
        await _service.Broker.Publish(_job);
        await Wait.Eventually(() => _service.Broker.Heard<JobFunded>().Any(f => f.JobId == _job.JobId));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task Everything_public_ends_at_the_same_entry_and_moves_at_the_step()
    {
        var before = await NextStep();
        var paid = await Works(7);

        // The worker is paid at once; nothing that anybody sees has moved.
        Assert.All(await Ends(), end => Assert.Equal(before, end));
        foreach (var one in paid)
            await IsNotPublic(one);
        Assert.All(await Bodies(), body => Assert.DoesNotContain(Convert.ToHexStringLower(paid[0].EntryKey!), body, StringComparison.Ordinal));

        Assert.Equal(before + 7, await NextStep());
        Assert.All(await Ends(), end => Assert.Equal(before + 7, end));
        foreach (var one in paid)
            Assert.InRange(await NumberOf(one), before + 1, before + 7);
    }

    [Fact]
    public async Task What_comes_after_a_step_in_which_nothing_was_booked_waits_for_the_next_one()
    {
        var before = await NextStep();
        await NextStep();
        await NextStep();
        _clock.Advance(TimeSpan.FromSeconds(12));
        var paid = (await Works(1))[0];
        var sequencer = _service.Services.GetRequiredService<AppendLeaves>();
        for (var look = 0; look < 5; look++)
            await sequencer.AppendOnce(Cancel);
        Assert.All(await Ends(), end => Assert.Equal(before, end));
        await IsNotPublic(paid);
        Assert.Equal(before + 1, await NextStep());
    }

    [Fact]
    public async Task The_accounts_of_a_balance_are_those_that_were_there_then()
    {
        var size = await NextStep();
        var then = (await Json($"/ledger/trial-balance?upTo={size}")).ToJsonString();
        using var another = _service.Requester(Guid.NewGuid());
        (await another.PostOnce("/ledger/deposits", new { amountMicros = 10_000 })).EnsureSuccessStatusCode();
        Assert.Equal(then, (await Json($"/ledger/trial-balance?upTo={size}")).ToJsonString());
    }

    [Fact]
    public async Task In_a_batch_entries_stand_in_the_order_of_their_keys_and_say_which_batch_it_is()
    {
        var before = await NextStep();
        var paid = await Works(20);
        await NextStep();
        var entries = (await Json("/ledger/entries"))["entries"]!.AsArray().Take(20).Reverse().ToList();
        Assert.All(entries, e => Assert.Equal(before, e!["batch"]!.GetValue<long>()));
        Assert.Equal(paid.Select(p => Convert.ToHexStringLower(p.EntryKey!)).Order(StringComparer.Ordinal), entries.Select(e => e!["key"]!.GetValue<string>()));
        Assert.NotEqual(paid.OrderBy(p => p.EntryNumber).Select(p => p.EntryNumber - before), await Task.WhenAll(paid.OrderBy(p => p.EntryNumber).Select(async p => await NumberOf(p) - before)));
    }

    [Fact]
    public async Task A_batch_ends_with_the_hour()
    {
        // A step that goes across hours; the one from here on does.
        await _service.DisposeAsync();
        _step = TimeSpan.FromMinutes(59);
        await Start();
        long before;
        do
            before = await NextStep();
        while (_clock.GetUtcNow().Minute is 0 or 59);

        await Works(3);
        _clock.Advance(TimeSpan.FromMinutes(60 - _clock.GetUtcNow().Minute));
        await Works(4);
        Assert.Equal(before + 7, await NextStep());
        var hours = (await Json("/ledger/entries"))["entries"]!.AsArray().Take(7).Select(e => (Hour: e!["at"]!.GetValue<string>(), Batch: e["batch"]!.GetValue<long>())).Distinct().ToList();
        Assert.Equal([before + 3, before], hours.Select(h => h.Batch));
        Assert.Equal(2, hours.Select(h => h.Hour).Distinct().Count());
    }

    [Fact]
    public async Task Every_entry_carries_its_hour_and_a_payout_its_day()
    {
        var worker = (await Works(1))[0].WorkerId;
        using var program = _service.Worker(worker);
        (await program.PostOnce("/ledger/cash-out", new { amountMicros = 30_000 })).EnsureSuccessStatusCode();
        await NextStep();
        await Wait.Eventually(() => _service.Broker.Heard<PayoutSettled>().Any(p => p.WorkerId == worker));
        await NextStep();
        foreach (var entry in (await Json("/ledger/entries"))["entries"]!.AsArray())
        {
            var at = DateTimeOffset.Parse(entry!["at"]!.GetValue<string>(), CultureInfo.InvariantCulture);
            var whole = entry["kind"]!.GetValue<string>().StartsWith("payout-", StringComparison.Ordinal) ? TimeSpan.TicksPerDay : TimeSpan.TicksPerHour;
            Assert.Equal(0, at.UtcTicks % whole);
        }
    }

    [Fact]
    public async Task A_payout_leaves_once_its_entry_is_public_and_says_so_until_then()
    {
        var worker = (await Works(1))[0].WorkerId;
        await NextStep();
        using var program = _service.Worker(worker);
        using var answer = await program.PostOnce("/ledger/cash-out", new { amountMicros = 30_000 });
        answer.EnsureSuccessStatusCode();
        var line = JsonNode.Parse(await program.GetStringAsync("/ledger/payouts", Cancel))!["payouts"]![0]!;
        Assert.True(line["waitsForPublication"]!.GetValue<bool>());
        Assert.Null(line["issuedEntry"]);
        Assert.Contains("public", line["why"]!.GetValue<string>(), StringComparison.Ordinal);
        await _service.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<Marketplace.Payment.Payouts.SettlePayouts>().Single().Sweep(Cancel);
        Assert.DoesNotContain(_service.Broker.Heard<PayoutSettled>(), p => p.WorkerId == worker);

        await NextStep();
        await Wait.Eventually(() => _service.Broker.Heard<PayoutSettled>().Any(p => p.WorkerId == worker));
    }

    [Fact]
    public async Task The_balance_is_told_where_a_batch_ends_and_nowhere_between()
    {
        var before = await NextStep();
        await Works(5);
        var size = await NextStep();
        Assert.Equal(size, (await Json($"/ledger/trial-balance?upTo={size}"))["entries"]!.GetValue<long>());
        Assert.Equal(before, (await Json($"/ledger/trial-balance?upTo={before}"))["entries"]!.GetValue<long>());
        for (var between = before + 1; between < size; between++)
            Assert.Equal(HttpStatusCode.NotFound, (await Get($"/ledger/trial-balance?upTo={between}")).StatusCode);
    }

    [Fact]
    public async Task Nobody_is_told_the_order_of_commit()
    {
        var paid = await Works(1);
        using var requester = _service.Requester(_job.RequesterId);
        using var worker = _service.Worker(paid[0].WorkerId);
        using var deposited = await requester.PostOnce("/ledger/deposits", new { amountMicros = 10_000 });
        using var cashedOut = await worker.PostOnce("/ledger/cash-out", new { amountMicros = 10_000 });
        var told = new[]
        {
            await deposited.Content.ReadAsStringAsync(Cancel), await cashedOut.Content.ReadAsStringAsync(Cancel),
            await requester.GetStringAsync("/ledger/deposits", Cancel), await worker.GetStringAsync("/ledger/payouts", Cancel),
        };
        Assert.All(told, text => Assert.DoesNotContain("ntryNumber", text, StringComparison.Ordinal));
        var entry = JsonNode.Parse(told[0])!["publicKey"]!.GetValue<string>();
        Assert.Equal(HttpStatusCode.NotFound, (await Get($"/ledger/entries/{entry}")).StatusCode);
        await NextStep();
        Assert.Equal("deposit", (await Json($"/ledger/entries/{entry}"))["kind"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_worker_alone_gets_the_receipt_that_opens_the_entry()
    {
        var paid = (await Works(1))[0];
        using var worker = _service.Worker(paid.WorkerId);
        Assert.Equal(HttpStatusCode.NotFound, (await worker.GetAsync($"/ledger/receipts/{paid.AssignmentId}", Cancel)).StatusCode);
        await NextStep();
        var receipt = await worker.GetStringAsync($"/ledger/receipts/{paid.AssignmentId}", Cancel);
        var facts = receipt[(receipt.IndexOf("active=", StringComparison.Ordinal))..(receipt.IndexOf("\n\n", StringComparison.Ordinal) + 1)];
        Assert.StartsWith($"marketplace/receipt@v1\nworker {paid.WorkerId}\nentry-key assignment:{paid.AssignmentId}\nsalt {Convert.ToBase64String(paid.Salt)}\n", receipt, StringComparison.Ordinal);
        var entry = await Json($"/ledger/entries/{Convert.ToHexStringLower(paid.EntryKey!)}");
        Assert.Equal(
            entry["pay"]!["facts"]!.GetValue<string>(),
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([.. paid.Salt, 1, .. System.Text.Encoding.UTF8.GetBytes(facts)])));
        Assert.Equal(Convert.ToHexStringLower(Commitment.Of(paid.Salt, paid.WorkerId, $"assignment:{paid.AssignmentId}")), entry["commitment"]!.GetValue<string>());

        using var another = _service.Worker(Guid.NewGuid());
        Assert.Equal(HttpStatusCode.NotFound, (await another.GetAsync($"/ledger/receipts/{paid.AssignmentId}", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Get($"/ledger/receipts/{paid.AssignmentId}")).StatusCode);
        Assert.EndsWith(
            await (await Get($"/log/receipt/{Convert.ToHexStringLower(paid.EntryKey!)}")).Content.ReadAsStringAsync(Cancel), receipt, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sequencer_of_the_version_before_can_append_nothing()
    {
        await using var connection = await _service.Database.OpenConnectionAsync(Cancel);
        var refused = await Assert.ThrowsAsync<Npgsql.PostgresException>(() => connection.ExecuteAsync(
            "insert into log_checkpoint (size, root, note, at) values (1000000, decode(repeat('00', 32), 'hex'), 'note', now())"));
        Assert.Equal("leaf_version", refused.ColumnName);
    }

    [Fact]
    public async Task A_ledger_that_began_with_leaves_of_version_1_goes_on_with_version_2()
    {
        // As it stood before: some entries in a log of version 1, and what its migration made of them.
        var size = await NextStep();
        await using (var owner = await _service.Owner.OpenConnectionAsync(Cancel))
        {
            await owner.ExecuteAsync("""
                alter table public_entry disable trigger only_grows;
                alter table log_leaf_version disable trigger only_grows;
                delete from public_entry;
                delete from log_leaf_version;
                insert into public_entry (number, entry_number, key, kind, job_id)
                select e.number, e.number, decode(repeat(lpad(to_hex(e.number), 2, '0'), 32), 'hex'), e.kind, e.job_id
                from entry e;
                alter table public_entry enable trigger only_grows;
                alter table log_leaf_version enable trigger only_grows;
                """);
        }

        await Works(3);
        Assert.Equal(size + 3, await NextStep());
        await using var connection = await _service.Database.OpenConnectionAsync(Cancel);
        Assert.Equal((2, size + 1), await connection.QuerySingleAsync<(int, long)>("select version, first_number from log_leaf_version"));
        var accounts = _service.Services.GetRequiredService<ReadAccountNames>();
        var leaves = (await EntryQueries.ByRange(connection, 0, size + 3, accounts, Cancel)).ConvertAll(e => Leaf.Encode(e)[0]);
        Assert.Equal([.. Enumerable.Repeat((byte)1, (int)size), 2, 2, 2], leaves);
    }

    /// <summary>Goes to the next step, and waits until all that is booked is public. Returns the size.</summary>
    private async Task<long> NextStep()
    {
        _clock.Advance(_service.Services.GetRequiredService<Platform.Publication>().NextStep(_clock.GetUtcNow()) - _clock.GetUtcNow());
        await PaymentFixture.EverythingIsPublic(_service);
        return (await Ends()).Distinct().Single();
    }

    /// <summary>Where each public thing ends.</summary>
    private async Task<List<long>> Ends()
    {
        var checkpoint = await (await Get("/log/checkpoint")).Content.ReadAsStringAsync(Cancel);
        var lines = (await (await Get("/ledger/export.jsonl")).Content.ReadAsStringAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        List<long> ends =
        [
            long.Parse(checkpoint.Split('\n')[1], CultureInfo.InvariantCulture),
            (await Json("/ledger/entries"))["entries"]![0]!["number"]!.GetValue<long>(),
            (await Json("/ledger/trial-balance"))["entries"]!.GetValue<long>(),
            (await Json("/log/witnesses"))["entries"]!.GetValue<long>(),
            lines.Length - 1,
        ];
        Assert.Equal(HttpStatusCode.OK, (await Get($"/log/tile/entries/000.p/{ends[0]}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Get($"/log/tile/0/000.p/{ends[0] + 1}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Get($"/log/receipt/{ends[0] + 1}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Get($"/ledger/entries/{ends[0] + 1}")).StatusCode);
        return ends;
    }

    private Task<string[]> Bodies() => Task.WhenAll(
        new[] { "/ledger", "/ledger/entries", "/ledger/export.jsonl", "/ledger/export.csv", "/ledger/export.journal", "/ledger/summary" }
            .Select(async address => await (await Get(address)).Content.ReadAsStringAsync(Cancel)));

    private async Task IsNotPublic(WorkerPaid paid)
    {
        var key = Convert.ToHexStringLower(paid.EntryKey!);
        Assert.Equal(HttpStatusCode.NotFound, (await Get($"/ledger/entries/{key}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await Get($"/log/receipt/{key}")).StatusCode);
    }

    private async Task<long> NumberOf(WorkerPaid paid) => (await Json($"/ledger/entries/{Convert.ToHexStringLower(paid.EntryKey!)}"))["number"]!.GetValue<long>();

    private async Task<HttpResponseMessage> Get(string address)
    {
        using var anybody = _service.Anybody();
        return await anybody.GetAsync(address, Cancel);
    }

    private async Task<JsonObject> Json(string address) => JsonNode.Parse(await (await Get(address)).Content.ReadAsStringAsync(Cancel))!.AsObject();

    /// <summary>So many people submit an answer each.</summary>
    private async Task<List<WorkerPaid>> Works(int people)
    {
        TaskCompleted[] ends = [.. Enumerable.Range(0, people).Select(i => PaymentFixture.AnEnd(_job, activeMs: 5_000 + (i * 1_700)))];
        await _service.Broker.Publish(ends);
        WorkerPaid? Of(TaskCompleted end) => _service.Broker.Heard<WorkerPaid>().FirstOrDefault(p => p.AssignmentId == end.AssignmentId);
        await Wait.Eventually(() => ends.All(e => Of(e) is not null));
        return [.. ends.Select(e => Of(e)!)];
    }
}
