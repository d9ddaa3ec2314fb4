using System.Text.Json;

namespace Marketplace.ServiceTests.Requester;

/// <summary>Answers come in any order and more than once, count once, and leave as files.</summary>
public sealed class ResultsTests(RequesterFixture given) : IClassFixture<RequesterFixture>
{
    private const string Requester = EventRoutes.Requester;

    [Fact]
    public async Task Answers_delivered_twice_in_any_order_count_once()
    {
        var (client, job) = await given.APostedJob();
        var answers = Enumerable.Range(0, 60).Select(n => RequesterFixture.AnAnswer(job, 1 + (n % 2), "wren")).ToArray();
        await given.Broker.Publish([.. answers.Reverse(), .. answers, .. answers]);
        await RequesterFixture.Answered(client, job, 60);
        await Wait.Eventually(async () => await given.Broker.Waiting<AnswerSubmitted>(Requester) == 0, "all were consumed");
        await RequesterFixture.Answered(client, job, 60);
    }

    [Fact]
    public async Task Of_two_answers_of_one_person_to_one_task_the_first_stays()
    {
        var (client, job) = await given.APostedJob();
        var person = Guid.NewGuid();
        await given.Broker.Publish(RequesterFixture.AnAnswer(job, 1, "wren", person));
        await RequesterFixture.Answered(client, job, 1);
        await given.Broker.Publish(RequesterFixture.AnAnswer(job, 1, "robin", person));
        await given.Broker.Publish(RequesterFixture.AnAnswer(job, 2, "swift"));
        await RequesterFixture.Answered(client, job, 2);
        Assert.Equal("wren", (await client.Json($"/api/jobs/{job}/answers")).GetProperty("tasks")[0].GetProperty("majority").GetProperty("label").GetString());
    }

    [Fact]
    public async Task What_is_heard_of_a_job_that_nobody_knows_yet_harms_nothing_and_is_kept()
    {
        var unknown = Guid.NewGuid();
        var errors = await given.Broker.Errors<AnswerSubmitted>(Requester);
        var (client, job) = await given.APostedJob();
        await given.Broker.Publish(RequesterFixture.AnAnswer(unknown, 1, "wren"), RequesterFixture.AnAnswer(job, 1, "robin"));
        await given.Broker.Publish(new JobFunded { JobId = unknown, Funded = 3, WorstMicros = 1, PolicyVersion = 7 });
        await given.Broker.Publish(new JobRefused { JobId = unknown, Why = "no" });
        await RequesterFixture.Answered(client, job, 1);
        Assert.Equal(1, await RequesterFixture.Count(given.Service, $"select answers from job_answers where job_id = '{unknown}'"));
        Assert.Equal(errors, await given.Broker.Errors<AnswerSubmitted>(Requester));
    }

    [Fact]
    public async Task One_poisoned_answer_among_many_is_parked_alone()
    {
        var (client, job) = await given.APostedJob();
        var good = Enumerable.Range(0, 40).Select(_ => RequesterFixture.AnAnswer(job, 1, "wren")).ToArray();
        var before = await given.Broker.Errors<AnswerSubmitted>(Requester);
        var poison = RequesterFixture.AnAnswer(job, 1, "wren") with { Answer = JsonSerializer.SerializeToElement(new[] { 1 }) };
        await Task.WhenAll(given.Broker.Publish(good[..20]), given.Broker.Publish(poison), given.Broker.Publish(good[20..]));

        await RequesterFixture.Answered(client, job, 40);
        await Wait.Eventually(async () => await given.Broker.Errors<AnswerSubmitted>(Requester) == before + 1, "the poison is parked");
    }

    [Fact]
    public async Task Poison_on_each_queue_is_parked_and_what_follows_is_heard()
    {
        await given.Broker.PublishRaw<PayPolicyAdopted>("""{"version":"x"}""");
        await given.Broker.PublishRaw<DepositCredited>("""{"creditedTotalMicros":"much"}""");
        await given.Broker.PublishRaw<JobFunded>("""{"jobId":7}""");
        await given.Broker.PublishRaw<JobRefused>("""{}""");
        await given.Broker.PublishRaw<JobMeasured>("""[]""");

        await Wait.Eventually(async () => await given.Broker.Errors<PayPolicyAdopted>(Requester) == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<DepositCredited>(Requester) == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<JobFunded>(Requester) == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<JobRefused>(Requester) == 1);
        await Wait.Eventually(async () => await given.Broker.Errors<JobMeasured>(Requester) == 1);
        var (client, job) = await given.APostedJob();
        await given.Broker.Publish(new JobFunded { JobId = job, Funded = 7, WorstMicros = 300_000, PolicyVersion = 1 });
        await Wait.Eventually(async () => (await client.Json($"/api/jobs/{job}")).GetProperty("funded") is { ValueKind: JsonValueKind.Number }, "funded");
    }

    [Fact]
    public async Task The_largest_number_and_version_stay_whatever_comes_after()
    {
        var (client, job) = await given.APostedJob();
        JobFunded Funded(long n) => new() { JobId = job, Funded = n, WorstMicros = 300_000, PolicyVersion = 1 };
        await given.Broker.Publish(Funded(7), Funded(12), Funded(9));
        await given.Broker.Publish(Measured(job, 30, 6), Measured(job, 20, 6), Measured(job, 30, 6));
        await Wait.Eventually(async () => (await client.Json($"/api/jobs/{job}")).GetProperty("funded") is { ValueKind: JsonValueKind.Number }, "funded");
        await given.Broker.Publish(Funded(8));
        await given.Broker.Publish(Measured(job, 40, 6));
        await Wait.Eventually(
            async () => (await client.Json($"/api/jobs/{job}")).GetProperty("measured") is { ValueKind: JsonValueKind.Object } m && m.GetProperty("submitted").GetInt64() == 40, "version 40");
        await Wait.Eventually(async () => await RequesterFixture.Count(given.Service, $"select funded from job_funding where job_id = '{job}'") == 12, "funded 12");
    }

    [Fact]
    public async Task Times_and_hourly_pay_of_fewer_than_five_people_are_not_shown()
    {
        var (client, job) = await given.APostedJob();
        await given.Broker.Publish(Measured(job, 3, 4));
        await Wait.Eventually(async () => (await client.Json($"/api/jobs/{job}")).GetProperty("measured").ValueKind == JsonValueKind.Object, "measured");
        var measured = (await client.Json($"/api/jobs/{job}")).GetProperty("measured");
        Assert.Equal((JsonValueKind.Null, 0, JsonValueKind.Null), (measured.GetProperty("creditedMs").ValueKind,
            measured.GetProperty("hourlyQuartilesMicros").GetArrayLength(), measured.GetProperty("hourlyLowestMicros").ValueKind));
    }

    [Fact]
    public async Task Bars_of_hourly_pay_are_shown_as_payment_put_them_together_and_not_at_all_where_it_did_not()
    {
        var (client, job) = await given.APostedJob();
        await given.Broker.Publish(new JobFunded { JobId = job, Funded = 40, WorstMicros = 300_000, PolicyVersion = 1 });
        await given.Broker.Publish(Measured(job, 30, 6));
        await Wait.Eventually(
            async () => await client.Json($"/api/jobs/{job}") is var view && view.GetProperty("measured").ValueKind == JsonValueKind.Object && view.GetProperty("funded").ValueKind == JsonValueKind.Number, "measured");
        var page = await client.GetStringAsync($"/requester/jobs/{job}", TestContext.Current.CancellationToken);
        Assert.Contains("<th scope=\"row\">15.00 to 17.00</th><td class=\"num\">17</td>", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">22.00 and more</th><td class=\"num\">7</td>", page, StringComparison.Ordinal);
        Assert.Contains("Bars of fewer than five people are shown as one", page, StringComparison.Ordinal);
        Assert.DoesNotContain("lifted to the floor", page, StringComparison.Ordinal);

        // From before they were put together.
        await given.Broker.Publish(Measured(job, 40, 6, []));
        await Wait.Eventually(async () => (await client.Json($"/api/jobs/{job}")).GetProperty("measured").GetProperty("submitted").GetInt64() == 40, "version 40");
        Assert.Equal(0, (await client.Json($"/api/jobs/{job}")).GetProperty("measured").GetProperty("hourlyHistogram").GetArrayLength());
        Assert.DoesNotContain("<svg class=\"columns\"", await client.GetStringAsync($"/requester/jobs/{job}", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Downloads_give_every_answer_or_the_majority_and_guard_spreadsheets_from_formulas()
    {
        var client = await given.ARequesterWith(100 * RequesterFixture.Euro);
        var job = await RequesterFixture.Draft(client);
        (await RequesterFixture.Upload(client, job, "text\n=1+1\n\"a, \"\"b\"\"\"\n")).EnsureSuccessStatusCode();
        (await RequesterFixture.Post(client, job)).EnsureSuccessStatusCode();
        await given.Broker.Publish(
            RequesterFixture.AnAnswer(job, 1, "wren"), RequesterFixture.AnAnswer(job, 1, "robin"), RequesterFixture.AnAnswer(job, 1, "wren"),
            RequesterFixture.AnAnswer(job, 2, "wren"), RequesterFixture.AnAnswer(job, 2, "robin"));
        await RequesterFixture.Answered(client, job, 5);

        Assert.Equal(
            ["task,label,votes,answers,agreement,tied,input.text", "1,wren,2,3,0.6667,false,'=1+1", "2,robin,1,2,0.5,true,\"a, \"\"b\"\"\""],
            (await client.GetStringAsync($"/api/jobs/{job}/download.csv?what=majority", TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries));
        var lines = (await client.GetStringAsync($"/api/jobs/{job}/download.jsonl", TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("=1+1", JsonElement.Parse(lines[0]).GetProperty("input").GetProperty("text").GetString());
        Assert.Equal(6, (await client.GetStringAsync($"/api/jobs/{job}/download.csv?what=raw", TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(5, (await client.GetStringAsync($"/api/jobs/{job}/download.jsonl?what=raw", TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await (await client.GetAsync($"/api/jobs/{job}/download.csv?what=all", TestContext.Current.CancellationToken)).Refused(400);
    }

    [Fact]
    public async Task An_excluded_answer_leaves_results_and_comes_back_and_only_its_requester_decides()
    {
        var (client, job) = await given.APostedJob();
        var odd = RequesterFixture.AnAnswer(job, 1, "robin");
        await given.Broker.Publish(RequesterFixture.AnAnswer(job, 1, "wren"), odd);
        await RequesterFixture.Answered(client, job, 2);
        var address = $"/api/jobs/{job}/answers/{odd.AnswerId}/exclusion";
        async Task<JsonElement> Majority() => (await client.Json($"/api/jobs/{job}/answers")).GetProperty("tasks")[0].GetProperty("majority");

        Assert.True((await Majority()).GetProperty("tied").GetBoolean());
        for (var n = 0; n < 2; n++)
            Assert.Equal(204, (int)(await client.PutAsync(address, null, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal("wren", (await Majority()).GetProperty("label").GetString());
        Assert.DoesNotContain("robin", await client.GetStringAsync($"/api/jobs/{job}/download.csv?what=raw", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        for (var n = 0; n < 2; n++)
            Assert.Equal(204, (int)(await client.DeleteAsync(address, TestContext.Current.CancellationToken)).StatusCode);
        Assert.True((await Majority()).GetProperty("tied").GetBoolean());

        using var other = given.Service.Requester(Guid.NewGuid());
        await (await other.PutAsync(address, null, TestContext.Current.CancellationToken)).Refused(404);
        await (await client.PutAsync($"/api/jobs/{job}/answers/{Guid.NewGuid()}/exclusion", null, TestContext.Current.CancellationToken)).Refused(404);
    }

    private static JobMeasured Measured(Guid job, long submitted, int people, int[]? groups = null) => new()
    {
        JobId = job,
        Version = submitted,
        People = people,
        Submitted = submitted,
        Returned = 0,
        Expired = 0,
        Broken = 0,
        PaidSubmittedMicros = 37_500 * submitted,
        PaidUnsubmittedMicros = 0,
        TopUpMicros = 0,
        FeeMicros = 0,
        LevyMicros = 0,
        CreditedMs = 9_000 * submitted,
        CreditedQuartilesMs = [8_000, 9_000, 10_000],
        MeasuredMs = null,
        HourlyQuartilesMicros = [15_000_000, 15_000_000, 16_000_000],
        HourlyLowestMicros = 15_000_000,
        HourlyHistogram = [17, 0, 0, 0, 0, 0, 0, 6, 7, 0, 0, 0],
        HourlyGroups = groups ?? [3, 1, 1, 1, 1, 1, 4],
        EscrowMicros = 0,
        Finished = false,
    };
}
