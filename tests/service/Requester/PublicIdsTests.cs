using System.Text.Json;
using Dapper;
using Marketplace.Requester;

namespace Marketplace.ServiceTests.Requester;

/// <summary>An answer has a random name; the assignment's own id, which tells when it was claimed, is replaced wherever it still is, and names nothing.</summary>
public sealed class PublicIdsTests(RequesterFixture given) : IClassFixture<RequesterFixture>
{
    [Fact]
    public async Task Replays_under_the_old_and_the_public_id_are_one_answer_in_any_order()
    {
        var (client, job) = await given.APostedJob();
        var answers = Enumerable.Range(0, 40).Select(n => RequesterFixture.AnAnswer(job, 1 + (n % 2), "wren")).ToArray();
        var old = answers.Select(Old).ToArray();
        await given.Broker.PublishTogether([.. old[..10], .. answers[..10], .. answers[10..20], .. old[10..20]]);
        await Task.WhenAll(given.Broker.Publish(old[20..]), given.Broker.Publish(answers[20..]));
        await given.Broker.Publish([.. old, .. answers]);

        await RequesterFixture.Answered(client, job, 40);
        await Wait.Eventually(async () => await OldOnes(job) == 0, "all have their public ids");
        Assert.Equal(40, await RequesterFixture.Count(given.Service, $"select count(*) from answer where job_id = '{job}'"));
        var listed = (await Listed(client, job)).Select(a => a.GetProperty("answerId").GetGuid()).ToArray();
        Assert.Equal(answers.Select(a => a.AnswerId!.Value).Order(), listed.Order());
    }

    [Fact]
    public async Task A_row_of_the_version_before_takes_the_public_id_and_its_exclusion_follows()
    {
        var (client, job) = await given.APostedJob();
        var answer = RequesterFixture.AnAnswer(job, 1, "robin");
        var old = Old(answer);
        await AsBefore(old);
        await using (var connection = await given.Service.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
            await connection.ExecuteAsync(
                "insert into answer_exclusion (assignment_id, job_id, excluded_by, excluded_at) values (@AssignmentId, @JobId, @JobId, now())", old);
        await RequesterFixture.Answered(client, job, 1);
        var before = Assert.Single(await Listed(client, job));
        Assert.Equal((JsonValueKind.Null, true, 1), (before.GetProperty("answerId").ValueKind, before.GetProperty("excluded").GetBoolean(), await OldOnes(job)));
        await (await client.DeleteAsync(Exclusion(job, old.AssignmentId!.Value), TestContext.Current.CancellationToken)).Refused(404);

        await given.Broker.Publish(answer);
        await Wait.Eventually(async () => await OldOnes(job) == 0, "the row has its public id");
        await given.Broker.Publish(old);
        var after = Assert.Single(await Listed(client, job));
        Assert.Equal((answer.AnswerId, true), (after.GetProperty("answerId").GetGuid(), after.GetProperty("excluded").GetBoolean()));
        Assert.Equal(0, await RequesterFixture.Count(given.Service, $"""
            select (select count(*) from answer a where a::text like '%{old.AssignmentId}%') + (select count(*) from answer_exclusion x where x::text like '%{old.AssignmentId}%')
            """));
        await (await client.DeleteAsync(Exclusion(job, old.AssignmentId.Value), TestContext.Current.CancellationToken)).Refused(404);
        Assert.Equal(204, (int)(await client.DeleteAsync(Exclusion(job, answer.AnswerId!.Value), TestContext.Current.CancellationToken)).StatusCode);
        await RequesterFixture.Answered(client, job, 1);
    }

    [Fact]
    public async Task An_answer_that_nobody_tells_again_gets_an_id_here()
    {
        await using var service = await RunningService.Start("requester", RequesterService.Build, null, "--Answers:NameOldAfter=00:00:00");
        await service.Stop();
        var old = Old(RequesterFixture.AnAnswer(Guid.NewGuid(), 1, "wren"));
        await AsBefore(old, service);
        Assert.Equal(1, await RequesterFixture.Count(service, "select count(*) from answer where answer_id is null"));

        await service.Start();
        await Wait.Eventually(async () => await RequesterFixture.Count(service, "select count(*) from answer where answer_id is null") == 0, "it has one");
        Assert.Equal(1, await RequesterFixture.Count(service, $"select count(*) from answer where assignment_id = answer_id and answer_id <> '{old.AssignmentId}'"));
    }

    [Fact]
    public async Task Lists_and_downloads_go_by_task_and_public_id_and_say_the_hour()
    {
        var (client, job) = await given.APostedJob();
        var answers = Enumerable.Range(0, 20).Select(n => RequesterFixture.AnAnswer(job, 2 - (n % 2), "wren")).ToArray();
        foreach (var answer in answers)
            await given.Broker.Publish(answer with { SubmittedAt = answer.SubmittedAt.AddMinutes(17) });
        await RequesterFixture.Answered(client, job, 20);

        // The database's order of uuid is that of its text.
        var wanted = answers.OrderBy(a => a.TaskNumber).ThenBy(a => a.AnswerId.ToString(), StringComparer.Ordinal).Select(a => a.AnswerId!.Value.ToString()).ToArray();
        var listed = await Listed(client, job);
        Assert.Equal(wanted, listed.Select(a => a.GetProperty("answerId").GetString()));
        Assert.All(listed, a => Assert.Equal(answers[0].SubmittedAt, a.GetProperty("submittedAt").GetDateTimeOffset()));
        var csv = (await client.GetStringAsync($"/api/jobs/{job}/download.csv?what=raw", TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("task,answer,person,submittedAt,answerId,input.text", csv[0]);
        Assert.Equal(wanted, csv[1..].Select(line => line.Split(',')[4]));
        Assert.All(csv[1..], line => Assert.Equal("2026-03-03T09:00Z", line.Split(',')[3]));
        Assert.Equal(answers[0].SubmittedAt, (await client.Json($"/api/jobs/{job}")).GetProperty("lastAnswerAt").GetDateTimeOffset());
    }

    /// <summary>As a worker service of the version before tells it.</summary>
    private static AnswerSubmitted Old(AnswerSubmitted answer) => answer with { AnswerId = null, AssignmentId = Guid.CreateVersion7(answer.SubmittedAt) };

    private static string Exclusion(Guid job, Guid id) => $"/api/jobs/{job}/answers/{id}/exclusion";

    private static async Task<JsonElement[]> Listed(HttpClient client, Guid job) =>
        [.. (await client.Json($"/api/jobs/{job}/answers")).GetProperty("tasks").EnumerateArray().SelectMany(t => t.GetProperty("answers").EnumerateArray())];

    private Task<long> OldOnes(Guid job) => RequesterFixture.Count(given.Service, $"select count(*) from answer where job_id = '{job}' and answer_id is null");

    /// <summary>As this service's version before keeps an answer, which works on for a moment beside the new one.</summary>
    private async Task AsBefore(AnswerSubmitted answer, RunningService? service = null)
    {
        await using var connection = await (service ?? given.Service).Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await connection.ExecuteAsync(
            """
            with new as (
              insert into answer (assignment_id, job_id, task_number, pseudonym, answer, submitted_at)
              select @AssignmentId, @JobId, @TaskNumber, @Pseudonym, @Answer::jsonb, @SubmittedAt
              on conflict (assignment_id) do nothing
              returning job_id, submitted_at
            )
            insert into job_answers (job_id, answers, last_at)
            select job_id, count(*), max(submitted_at)
            from new
            group by job_id
            order by job_id
            on conflict (job_id) do update
            set answers = job_answers.answers + excluded.answers,
                last_at = greatest(job_answers.last_at, excluded.last_at)
            """,
            new { answer.AssignmentId, answer.JobId, answer.TaskNumber, answer.Pseudonym, Answer = answer.Answer.GetRawText(), answer.SubmittedAt });
    }
}
