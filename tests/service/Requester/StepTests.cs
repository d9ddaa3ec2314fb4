using System.Text.Json;

namespace Marketplace.ServiceTests.Requester;

/// <summary>What people did in a running job is seen at the step and not before, at no address; what was seen stays; a finished job hides nothing.</summary>
public sealed class StepTests(SteppedRequesterFixture given) : IClassFixture<SteppedRequesterFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_wait_for_the_step_everywhere_and_then_stay_whatever_the_clock_does()
    {
        var (client, job) = await ARunningJob();
        var first = RequesterFixture.AnAnswer(job, 1, "wren");
        await Received(first, RequesterFixture.AnAnswer(job, 1, "robin"));
        await Nothing(client, job, heldBack: 6);
        await (await client.PutAsync($"/api/jobs/{job}/answers/{first.AnswerId}/exclusion", null, Cancel)).Refused(404);
        var page = await client.GetStringAsync($"/requester/jobs/{job}", Cancel);
        Assert.Contains("0 of 6 answers", page, StringComparison.Ordinal);
        Assert.Contains("The next answers are shown at ", page, StringComparison.Ordinal);
        Assert.DoesNotContain("tie</span>", page, StringComparison.Ordinal);

        var next = (await client.Json($"/api/jobs/{job}")).GetProperty("nextAnswersAt").GetDateTimeOffset();
        given.Service.Clock.Advance(next - given.Service.Clock.GetUtcNow() - TimeSpan.FromMilliseconds(1));
        await Nothing(client, job, heldBack: 6);
        given.Service.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await Shown(client, job, 2);
        Assert.Equal(204, (int)(await client.PutAsync($"/api/jobs/{job}/answers/{first.AnswerId}/exclusion", null, Cancel)).StatusCode);

        await Received(RequesterFixture.AnAnswer(job, 2, "swift"));
        await Shown(client, job, 2);
        Assert.Equal(next.AddMinutes(5), (await client.Json($"/api/jobs/{job}")).GetProperty("nextAnswersAt").GetDateTimeOffset());
        given.Service.Clock.Advance(-TimeSpan.FromMinutes(7));
        await Shown(client, job, 2);
        given.Service.Clock.Advance(TimeSpan.FromMinutes(12));
        await Shown(client, job, 3);
    }

    [Fact]
    public async Task An_answer_after_a_step_that_nobody_watched_waits_for_the_next()
    {
        var (client, job) = await ARunningJob();
        await Received(RequesterFixture.AnAnswer(job, 1, "wren"));
        given.Service.Clock.Advance(TimeSpan.FromMinutes(9));
        await Received(RequesterFixture.AnAnswer(job, 1, "robin"));
        await Shown(client, job, 1);
        given.Service.Clock.Advance(TimeSpan.FromMinutes(5));
        await Shown(client, job, 2);
    }

    [Fact]
    public async Task A_finished_jobs_answers_are_shown_at_once_and_a_small_one_says_money_only()
    {
        var (client, job) = await ARunningJob();
        await Received(RequesterFixture.AnAnswer(job, 1, "wren"));
        await given.Broker.Publish(Measured(job, 1, 1, 40_000) with { Returned = 1, Finished = true, MoneyOnly = true });
        await Wait.Eventually(async () => (await client.Json($"/api/jobs/{job}")).GetProperty("state").GetString() == "finished", "finished");

        await Received(RequesterFixture.AnAnswer(job, 2, "swift"));
        var view = await client.Json($"/api/jobs/{job}");
        Assert.Equal((2, 0, JsonValueKind.Null), (view.GetProperty("answers").GetInt64(), view.GetProperty("heldBack").GetInt64(), view.GetProperty("nextAnswersAt").ValueKind));
        var measured = view.GetProperty("measured");
        Assert.True(measured.GetProperty("moneyOnly").GetBoolean());
        Assert.Equal((40_000, JsonValueKind.Null, JsonValueKind.Null), (measured.GetProperty("paidSubmittedMicros").GetInt64(), measured.GetProperty("returned").ValueKind, measured.GetProperty("creditedMs").ValueKind));
        using var download = await client.GetAsync($"/api/jobs/{job}/download.jsonl?what=raw", Cancel);
        Assert.Equal("0", Assert.Single(download.Headers.GetValues("Answers-Held-Back")));
        Assert.False(download.Headers.Contains("Next-Answers-At"));
        Assert.Equal(2, (await download.Content.ReadAsStringAsync(Cancel)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("They still tell what these people were paid", await client.GetStringAsync($"/requester/jobs/{job}", Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_funded_moves_with_what_was_measured_and_with_the_budget_and_with_no_single_end()
    {
        var (client, job) = await ARunningJob();
        var budget = (await client.Json($"/api/jobs/{job}")).GetProperty("budgetMicros").GetInt64();
        Assert.Equal(budget / 300_000, await Funded(client, job));
        for (var n = 7; n < 12; n++)
        {
            await given.Broker.Publish(new JobFunded { JobId = job, Funded = n, WorstMicros = 300_000, PolicyVersion = 1 });
            await Wait.Eventually(async () => await RequesterFixture.Count(given.Service, $"select funded from job_funding where job_id = '{job}'") == n, $"funded {n}");
            given.Service.Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(budget / 300_000, await Funded(client, job));
        }

        await given.Broker.Publish(Measured(job, 10, 5, 375_000) with { Returned = 2 });
        await Wait.Eventually(async () => await RequesterFixture.Count(given.Service, $"select count(*) from job_measurement where job_id = '{job}'") == 1, "measured");
        var before = await client.Json($"/api/jobs/{job}");
        Assert.Equal((JsonValueKind.Null, budget / 300_000), (before.GetProperty("measured").ValueKind, before.GetProperty("funded").GetInt64()));
        given.Service.Clock.Advance(TimeSpan.FromMinutes(5));
        var measured = 12 + ((budget - 375_000) / 300_000);
        Assert.Equal(measured, await Funded(client, job));

        (await client.PostOnce($"/api/jobs/{job}/budget", new { addMicros = 3_000_000 })).EnsureSuccessStatusCode();
        Assert.Equal(measured + 10, await Funded(client, job));
    }

    [Fact]
    public async Task Who_watches_a_job_hears_of_answers_at_the_step()
    {
        var (client, job) = await ARunningJob();
        using var stream = await client.GetAsync($"/api/jobs/{job}/events", HttpCompletionOption.ResponseHeadersRead, Cancel);
        using var events = new StreamReader(await stream.Content.ReadAsStreamAsync(Cancel));
        Assert.Equal(0, await NextAnswers(events));
        await Received(RequesterFixture.AnAnswer(job, 1, "wren"), RequesterFixture.AnAnswer(job, 2, "wren"));
        given.Service.Clock.Advance(TimeSpan.FromMinutes(5));
        long heard;
        while ((heard = await NextAnswers(events)) == 0)
        {
            // The time of the step after it comes first, where the stream looked between the two.
        }

        Assert.Equal(2, heard);
    }

    private static async Task<long> NextAnswers(StreamReader events)
    {
        while (true)
        {
            var line = await events.ReadLineAsync(Cancel);
            if (line!.StartsWith("data: ", StringComparison.Ordinal))
                return JsonElement.Parse(line[6..]).GetProperty("answers").GetInt64();
        }
    }

    private async Task<(HttpClient Client, Guid Job)> ARunningJob()
    {
        var (client, job) = await given.APostedJob();
        await given.Broker.Publish(new JobFunded { JobId = job, Funded = 6, WorstMicros = 300_000, PolicyVersion = 1 });
        await Wait.Eventually(async () => (await client.Json($"/api/jobs/{job}")).GetProperty("state").GetString() == "running", "the job runs, without waiting for a step");
        return (client, job);
    }

    private async Task Received(params AnswerSubmitted[] answers)
    {
        await given.Broker.Publish(answers);
        var ids = string.Join(", ", answers.Select(a => $"'{a.AnswerId}'"));
        await Wait.Eventually(
            async () => await RequesterFixture.Count(given.Service, $"select count(*) from answer where answer_id in ({ids})") == answers.Length, "they are here");
    }

    private static async Task Nothing(HttpClient client, Guid job, long heldBack)
    {
        var view = await client.Json($"/api/jobs/{job}");
        Assert.Equal((0, JsonValueKind.Null, heldBack), (view.GetProperty("answers").GetInt64(), view.GetProperty("lastAnswerAt").ValueKind, view.GetProperty("heldBack").GetInt64()));
        Assert.Equal(0, (await client.Json("/api/jobs")).EnumerateArray().Single(j => j.GetProperty("jobId").GetGuid() == job).GetProperty("answers").GetInt64());
        foreach (var address in (string[])[$"/api/jobs/{job}/answers", $"/api/jobs/{job}/answers?tied=true"])
        {
            var listed = await client.Json(address);
            Assert.Equal((0, heldBack), (listed.GetProperty("tasks").GetArrayLength(), listed.GetProperty("heldBack").GetInt64()));
        }

        foreach (var address in (string[])["download.jsonl?what=raw", "download.jsonl?what=majority"])
        {
            using var download = await client.GetAsync($"/api/jobs/{job}/{address}", Cancel);
            Assert.Empty(await download.Content.ReadAsStringAsync(Cancel));
            Assert.Equal($"{heldBack}", Assert.Single(download.Headers.GetValues("Answers-Held-Back")));
            Assert.Equal(view.GetProperty("nextAnswersAt").GetDateTimeOffset(), DateTimeOffset.Parse(Assert.Single(download.Headers.GetValues("Next-Answers-At")), System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    private static async Task Shown(HttpClient client, Guid job, int answers)
    {
        var view = await client.Json($"/api/jobs/{job}");
        Assert.Equal((answers, 6 - answers), (view.GetProperty("answers").GetInt64(), view.GetProperty("heldBack").GetInt64()));
        var listed = (await client.Json($"/api/jobs/{job}/answers")).GetProperty("tasks").EnumerateArray().Sum(t => t.GetProperty("answers").GetArrayLength());
        Assert.Equal(answers, listed);
    }

    private static async Task<long> Funded(HttpClient client, Guid job) => (await client.Json($"/api/jobs/{job}")).GetProperty("funded").GetInt64();

    private static JobMeasured Measured(Guid job, long submitted, int people, long paid) => new()
    {
        JobId = job,
        Version = submitted,
        People = people,
        Submitted = submitted,
        Returned = 0,
        Expired = 0,
        Broken = 0,
        PaidSubmittedMicros = paid,
        PaidUnsubmittedMicros = 0,
        TopUpMicros = 0,
        FeeMicros = 0,
        LevyMicros = 0,
        CreditedMs = 90_000,
        CreditedQuartilesMs = [],
        MeasuredMs = null,
        HourlyQuartilesMicros = [],
        HourlyLowestMicros = null,
        HourlyHistogram = [],
        EscrowMicros = 0,
        Finished = false,
    };
}
