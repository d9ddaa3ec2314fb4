using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Marketplace.Payment.Policy;
using Marketplace.Platform;
using Marketplace.ServiceTests;
using Marketplace.ServiceTests.Payment;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.JourneyTests.Replay;

/// <summary>10,000 published answers with their times go through the running services; what comes out is known to the micro-unit.</summary>
public sealed class SentencePolarityTests
{
    private const long Budget = 1_300_000_000;
    private const long Pay = 1_016_077_808;
    private const long TopUp = 616_077_808;
    private const long Fee = 182_893_800;
    private const long Levy = 20_320_392;
    private const long CreditedMs = 223_353_000;
    private const int ToppedUp = 4_556;

    private readonly DrivenClock _clock = new();

    [Fact]
    public async Task Ten_thousand_real_answers_are_paid_to_the_micro_unit_and_their_majority_is_as_good_as_published()
    {
        if (CrowdFile.Find("sentence-polarity") is not { } file)
        {
            Assert.Skip("The published answers (shared/data/sentence-polarity) are not beside this checkout.");
            return;
        }

        await using var services = await AllServices.Start(_clock, RunningMarketplace.AtOnce);
        await AdoptLongLeases(services);
        var requester = Guid.NewGuid();
        var job = await Post(services, requester, file);

        using (var crowd = new Crowd(services, _clock, file, job))
            await crowd.Work(file.Workers.Count);

        using var program = services.Program(SignIn.Requester, requester);
        await Wait.Eventually(async () => (await Balance(program)).GetValueOrDefault("payable") == -Pay);
        var before = await Balance(program);
        Assert.Equal(Budget, -before["escrow"] + Pay + Fee + Levy);

        await Close(program, job);
        await CheckMeasured(program, job);
        await CheckLedger(program, file);
        await CheckTools(services, program);
        await CheckAnswers(program, job, file);
    }

    private static async Task AdoptLongLeases(AllServices services)
    {
        using var errors = new StringWriter();
        Assert.Equal(0, await PolicyCommands.Run(
            [PolicyCommands.Adopt, "--leaseLeastMs", "10800000"], services.Payment, TextWriter.Null, errors, CancellationToken.None));
        Assert.Equal("", errors.ToString());
    }

    private static async Task<Guid> Post(AllServices services, Guid requester, CrowdFile file)
    {
        using var program = services.Program(SignIn.Requester, requester);
        Assert.True((await program.PostOnce("/ledger/deposits", new { amountMicros = Budget })).IsSuccessStatusCode);

        // The policy travels to the requester service by an event of its own.
        await Wait.Eventually(async () => (await Get(program, "/api/deposit")).GetProperty("availableMicros").GetInt64() == Budget);

        var draft = new
        {
            title = "Is this sentence kind about the film?",
            question = "Is it kind?",
            kind = "choice",
            labels = new[] { "0", "1" },
            instructions = "",
            textColumn = "text",
            rewardMicros = 40_000,
            estimateMs = 4_000,
            timeLimitMs = 90_000,
            wanted = 20,
            budgetMicros = Budget,
        };
        var job = (await (await program.PostAsJsonAsync("/api/jobs", draft)).Content.ReadFromJsonAsync<JsonElement>()).GetProperty("jobId").GetGuid();

        var csv = new StringBuilder("task,text\n");
        foreach (var task in file.Tasks)
            csv.Append(task).Append(",Sentence ").Append(task).Append(" stands here.\n");
        using var body = new StringContent(csv.ToString(), new MediaTypeHeaderValue("text/csv"));
        using var uploaded = await program.PostAsync($"/api/jobs/{job}/upload?name=sentences.csv", body);
        Assert.True(uploaded.IsSuccessStatusCode, await uploaded.Content.ReadAsStringAsync());

        using var posted = await program.PostOnce($"/api/jobs/{job}/post", new { });
        Assert.True(posted.IsSuccessStatusCode, await posted.Content.ReadAsStringAsync());
        await Wait.Eventually(async () => (await Get(program, $"/api/jobs/{job}")).GetProperty("policyVersion") is { ValueKind: JsonValueKind.Number } v && v.GetInt32() == 2);
        return job;
    }

    private static async Task Close(HttpClient program, Guid job)
    {
        using var closed = await program.PostAsJsonAsync($"/api/jobs/{job}/close", new { });
        Assert.True(closed.IsSuccessStatusCode, await closed.Content.ReadAsStringAsync());
        await Wait.Eventually(async () => (await Get(program, $"/api/jobs/{job}")).GetProperty("state").GetString() == "finished");
        await Wait.Eventually(async () => (await Get(program, "/api/deposit")).GetProperty("availableMicros").GetInt64() == Budget - Pay - Fee - Levy);
    }

    private static async Task CheckMeasured(HttpClient program, Guid job)
    {
        var measured = (await Get(program, $"/api/jobs/{job}")).GetProperty("measured");
        Assert.Equal(Pay, measured.GetProperty("paidSubmittedMicros").GetInt64());
        Assert.Equal(TopUp, measured.GetProperty("topUpMicros").GetInt64());
        Assert.Equal(Fee, measured.GetProperty("feeMicros").GetInt64());
        Assert.Equal(Levy, measured.GetProperty("levyMicros").GetInt64());
        Assert.Equal(CreditedMs, measured.GetProperty("creditedMs").GetInt64());
        Assert.Equal(0, measured.GetProperty("escrowMicros").GetInt64());
    }

    /// <summary>The public download alone: every assignment at or over the floor, sums to the micro-unit, balance zero.</summary>
    private static async Task CheckLedger(HttpClient program, CrowdFile file)
    {
        var (assignments, pay, topUp, credited, toppedUp) = (0, 0L, 0L, 0L, 0);
        foreach (var line in (await program.GetStringAsync("/ledger/export.jsonl")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var entry = JsonDocument.Parse(line).RootElement;
            if (!entry.TryGetProperty("pay", out var facts) || facts.ValueKind != JsonValueKind.Object)
                continue;

            var (paid, time) = (facts.GetProperty("payMicros").GetInt64(), facts.GetProperty("creditedMs").GetInt64());
            Assert.True((Int128)paid * 3_600_000 >= (Int128)15_000_000 * time, $"under the floor: {line}");
            (assignments, pay, credited) = (assignments + 1, pay + paid, credited + time);
            topUp += facts.GetProperty("topUpMicros").GetInt64();
            toppedUp += facts.GetProperty("topUpMicros").GetInt64() > 0 ? 1 : 0;
        }

        Assert.Equal((file.Answers, Pay, TopUp, CreditedMs, ToppedUp), (assignments, pay, topUp, credited, toppedUp));

        var balance = await Balance(program);
        Assert.Equal(0, balance.Values.Sum());
        Assert.Equal((-Pay, -Fee, -Levy), (balance["payable"], balance["fees"], balance["commons"]));
        Assert.Equal(-(Budget - Pay - Fee - Levy), balance["deposit"]);
        Assert.Equal(0, balance["escrow"]);
    }

    /// <summary>Both accounting tools accept what was replayed, whole and as the month that it is, and come to the ledger's balances.</summary>
    private async Task CheckTools(AllServices services, HttpClient program)
    {
        AccountingTools.MustBeInstalled();
        var balances = await AccountingTools.LedgerBalances(services.Payment.GetRequiredService<Npgsql.NpgsqlDataSource>());
        foreach (var month in (string[])["", $"?month={_clock.GetUtcNow():yyyy-MM}"])
        {
            var journal = SealedText.Checked(await program.GetByteArrayAsync($"/ledger/export.journal{month}"));
            Assert.Equal("", await AccountingTools.HledgerSays(journal));
            Assert.Equal(balances, await AccountingTools.HledgerBalances(journal));

            var beancount = SealedText.Checked(await program.GetByteArrayAsync($"/ledger/export.beancount{month}"));
            Assert.Equal("", await AccountingTools.BeancountSays(beancount));
            Assert.Equal(balances, await AccountingTools.BeancountBalances(beancount));
        }
    }

    private static async Task CheckAnswers(HttpClient program, Guid job, CrowdFile file)
    {
        var right = 0;
        var lines = (await program.GetStringAsync($"/api/jobs/{job}/download.jsonl?what=majority")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(file.Tasks.Count, lines.Length);
        foreach (var line in lines.Select(l => JsonDocument.Parse(l).RootElement))
        {
            Assert.Equal(20, line.GetProperty("answers").GetInt32());
            right += line.GetProperty("label").GetString() == file.Gold[line.GetProperty("input").GetProperty("task").GetString()!] ? 1 : 0;
        }

        Assert.Equal(472, right); // 0.9440 of 500, the smaller label on the five ties
    }

    /// <summary>The trial balance by kind of account, debit positive.</summary>
    private static async Task<Dictionary<string, long>> Balance(HttpClient program)
    {
        Dictionary<string, long> balance = [];

        // The page's figures may be a second old.
        await Wait.Eventually(async () =>
        {
            var published = await Get(program, "/ledger/trial-balance");
            balance = published.GetProperty("accounts").EnumerateArray()
                .GroupBy(a => a.GetProperty("kind").GetString()!)
                .ToDictionary(g => g.Key, g => g.Sum(a => a.GetProperty("balanceMicros").GetInt64()));
            var latest = await Get(program, "/ledger/entries");
            return published.GetProperty("entries").GetInt64() == latest.GetProperty("entries")[0].GetProperty("number").GetInt64();
        });
        return balance;
    }

    private static async Task<JsonElement> Get(HttpClient program, string address) => await program.GetFromJsonAsync<JsonElement>(address);
}
