using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Dapper;
using Marketplace.Auditor.Evidence;
using Marketplace.Auditor.Log;
using Marketplace.Auditor.Verify;
using Marketplace.Payment.Transparency;
using Marketplace.ServiceTests.Payment;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.ServiceTests.Auditor;

/// <summary>A log with witnesses: a payout leaves when enough have signed a checkpoint that covers it, and not before.</summary>
public sealed class WitnessedPayoutTests : IAsyncLifetime
{
    private readonly List<RunningWitness> _witnesses = [];
    private readonly List<IAsyncDisposable> _others = [];
    private readonly string _data = Directory.CreateTempSubdirectory("auditor-").FullName;
    private readonly string _logKey;
    private PaymentFixture? _running;

    public WitnessedPayoutTests()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Log:KeyFile", Path.Combine(Environment.Current.KeyFolder, "log.key"))]);
        using var keys = ReadLogKeys.Load(settings.Build());
        _logKey = keys.VerifierKey;
    }

    private PaymentFixture Given => _running!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
            await _running.DisposeAsync();
        foreach (var one in _others.Concat(_witnesses))
            await one.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task With_two_of_three_witnesses_a_payout_leaves_and_the_checkpoint_carries_both_signatures()
    {
        var (anna, bert) = (await AWitness("anna"), await AWitness("bert"));
        await Start(2, (anna.Address, anna.Key), (bert.Address, bert.Key), (NobodyThere(), NewKey("carla")));

        await Settled(await ACashOut());
        var report = await Verify([anna.Key, bert.Key]);
        Assert.True(report.Passed, report.ToText());
        Assert.Contains(report.Checks, c => c is { What: "Enough witnesses have signed it", Result: "2 of 2" });

        var listed = await Get("/log/witnesses");
        Assert.Equal(2, listed["quorum"]!.GetValue<int>());
        Assert.Equal(0, listed["witnesses"]![2]!["signed"]!.GetValue<long>());
        Assert.True(listed["covered"]!.GetValue<long>() >= report.Entries);
    }

    [Fact]
    public async Task With_too_few_a_payout_is_held_says_why_and_leaves_when_a_witness_comes()
    {
        var anna = await AWitness("anna");
        var bert = await AWitness("bert");
        await bert.Stop();
        await Start(2, (anna.Address, anna.Key), (bert.Address, bert.Key));

        var worker = await ACashOut();
        await Wait.Eventually(async () => (await Get("/log/witnesses"))["payoutsWaiting"]!.GetValue<long>() == 1);
        await Wait.Eventually(async () => await Published() == await Entries(), "the log goes on without its witnesses");
        var line = (await Payouts(worker))["payouts"]![0]!;
        Assert.True(line["waitsForWitnesses"]!.GetValue<bool>());
        Assert.Equal("issued", line["state"]!.GetValue<string>());
        Assert.Contains("It leaves when 2 of 2 witnesses have signed the ledger with it. So far 1 did.", line["why"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("Waits for witnesses", await Page("/ledger/payouts", worker), StringComparison.Ordinal);
        Assert.Contains("1 payout waits for that now", await Page("/ledger"), StringComparison.Ordinal);

        await bert.StartAt(bert.Address);
        await Settled(worker);
        Assert.False((await Payouts(worker))["payouts"]![0]!["waitsForWitnesses"]!.GetValue<bool>());
        Assert.Equal(0, (await Get("/log/witnesses"))["payoutsWaiting"]!.GetValue<long>());
    }

    [Fact]
    public async Task A_witness_that_lies_or_never_answers_counts_for_nothing_and_stops_nobody()
    {
        var anna = await AWitness("anna");
        var liar = await AServer(_ => Task.FromResult(Results.Text("— witness.test/liar AAAAAAAAAAA=\nnonsense\n")));
        var silent = await AServer(async request =>
        {
            await Task.Delay(TimeSpan.FromMinutes(1), request.HttpContext.RequestAborted);
            return Results.Ok();
        });
        await Start(1, (anna.Address, anna.Key), (liar, NewKey("liar")), (silent, NewKey("silent")));

        await Settled(await ACashOut());
        await Wait.Eventually(async () => await Published() == await Entries());
        var listed = await Get("/log/witnesses");
        Assert.Equal([true, false, false], listed["witnesses"]!.AsArray().Select(w => w!["signed"]!.GetValue<long>() > 0));
    }

    [Fact]
    public async Task A_history_written_anew_is_signed_by_nobody_becomes_evidence_and_moves_no_money()
    {
        var anna = await AWitness("anna");
        await Start(1, (anna.Address, anna.Key));
        await Settled(await ACashOut());
        var seen = await Published();

        // As an operator with the owner's login could: another past, and a log that is signed anew over it.
        await using (var connection = await Given.Service.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            foreach (var table in new[] { "settlement", "log_node", "log_checkpoint", "log_cosignature" })
                await connection.ExecuteAsync($"alter table {table} disable trigger user");
            await connection.ExecuteAsync("update settlement set terms_version = terms_version + 1; delete from log_cosignature; delete from log_node; delete from log_checkpoint");
        }

        await anna.KnowTiles(Given.Service.Address);
        var worker = await ACashOut();
        await Wait.Eventually(() => anna.Evidence.Any());
        var verdict = ForkEvidence.Parse(await File.ReadAllTextAsync(anna.Evidence.First(), TestContext.Current.CancellationToken)).Judge([VerifierKey.Parse(_logKey)]);
        Assert.True(verdict.Proven, verdict.Why);
        await Wait.Eventually(async () => (await Payouts(worker))["payouts"]![0]!["waitsForWitnesses"]!.GetValue<bool>());
        Assert.True(seen < await Entries());
    }

    [Theory]
    [InlineData("Log:Quorum=0")]
    [InlineData("Log:Quorum=2")]
    [InlineData("Log:Witnesses:0:Key=witness.test/anna+00000000+BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Log:Witnesses:0:Url=ftp://witness.test")]
    public void What_cannot_be_meant_is_refused_at_the_start(string setting)
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Log:Witnesses:0:Url", "http://witness.test"), new("Log:Witnesses:0:Key", NewKey("anna").ToString())])
            .AddCommandLine([$"--{setting}"]);
        Assert.Throws<FormatException>(() => Witnesses.Read(settings.Build()));
    }

    private async Task<RunningWitness> AWitness(string name)
    {
        _witnesses.Add(await RunningWitness.Start($"witness.test/{name}", _logKey));
        return _witnesses[^1];
    }

    private async Task<Uri> AServer(Func<HttpRequest, Task<IResult>> answer)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None"]);
        var app = builder.Build();
        app.MapPost("/add-checkpoint", (HttpRequest request) => answer(request));
        _others.Add(app);
        await app.StartAsync();
        return new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    private static VerifierKey NewKey(string name)
    {
        using var key = NSec.Cryptography.Key.Create(NSec.Cryptography.SignatureAlgorithm.Ed25519);
        return VerifierKey.Of($"witness.test/{name}", VerifierKey.Cosignature, key.PublicKey.Export(NSec.Cryptography.KeyBlobFormat.RawPublicKey));
    }

    private static Uri NobodyThere()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://{listener.LocalEndpoint}");
    }

    private async Task Start(int quorum, params (Uri Address, VerifierKey Key)[] witnesses)
    {
        _running = new PaymentFixture(
        [
            $"--Log:Quorum={quorum}",
            .. witnesses.SelectMany((w, i) => new[] { $"--Log:Witnesses:{i}:Url={w.Address}", $"--Log:Witnesses:{i}:Key={w.Key}" }),
        ]);
        await _running.InitializeAsync();
    }

    private async Task<Guid> ACashOut()
    {
        var end = PaymentFixture.AnEnd(await Given.AFundedJob());
        await Given.Broker.Publish(end);
        await Given.Paid(end);
        using var client = Given.Service.Worker(end.WorkerId);
        (await client.PostOnce("/ledger/cash-out", new { amountMicros = 30_000 })).EnsureSuccessStatusCode();
        return end.WorkerId;
    }

    private Task Settled(Guid worker) => Wait.Eventually(() => Given.Broker.Heard<PayoutSettled>().Any(p => p.WorkerId == worker), "the payout is settled");

    private Task<Report> Verify(VerifierKey[] witnesses) => VerifyCommand.Verify(
        new() { Url = Given.Service.Address.ToString(), Data = _data, Witnesses = [.. witnesses.Select(w => w.ToString())] }, TestContext.Current.CancellationToken);

    private async Task<long> Published()
    {
        using var client = Given.Service.Anybody();
        using var answer = await client.GetAsync("/log/checkpoint", TestContext.Current.CancellationToken);
        return answer.IsSuccessStatusCode ? SignedCheckpoint.Read(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Size : 0;
    }

    private async Task<long> Entries()
    {
        await using var connection = await Given.Service.Owner.OpenConnectionAsync();
        return await connection.ExecuteScalarAsync<long>("select max(number) from entry");
    }

    private async Task<JsonObject> Get(string address)
    {
        using var client = Given.Service.Anybody();
        return (await client.GetFromJsonAsync<JsonObject>(address, TestContext.Current.CancellationToken))!;
    }

    private async Task<JsonObject> Payouts(Guid worker)
    {
        using var client = Given.Service.Worker(worker);
        return (await client.GetFromJsonAsync<JsonObject>("/ledger/payouts", TestContext.Current.CancellationToken))!;
    }

    /// <summary>An address as a browser asks for it.</summary>
    private async Task<string> Page(string address, Guid? worker = null)
    {
        var cookies = new CookieContainer();
        if (worker is { } id)
            cookies.Add(Given.Service.Address, new Cookie("worker", Given.Service.Token("worker", id)));
        using var client = new HttpClient(new HttpClientHandler { CookieContainer = cookies }) { BaseAddress = Given.Service.Address };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        return await client.GetStringAsync(address, TestContext.Current.CancellationToken);
    }
}
