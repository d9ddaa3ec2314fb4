using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Platform;
using MassTransit;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>Keeps a job's terms and template. Tasks, money and even its close may have been heard of before.</summary>
internal sealed class OnJobPosted(NpgsqlDataSource database) : IConsumer<JobPosted>
{
    public async Task Consume(ConsumeContext<JobPosted> context)
    {
        var job = context.Message;
        await using var connection = await database.OpenConnectionAsync(context.CancellationToken);
        await connection.ExecuteAsync(UpsertJob, new
        {
            job.JobId,
            job.RequesterId,
            job.RequesterName,
            job.Title,
            job.Instructions,
            job.InstructionWords,
            Template = JsonSerializer.Serialize(job.Template, WireJson.Options),
            job.RewardMicros,
            job.EstimateMs,
            job.TimeLimitMs,
            job.TermsVersion,
            job.Wanted,
            job.Tasks,
            job.PostedAt,
        });
    }

    private const string UpsertJob = """
        insert into job (
          job_id, requester_id, requester_name, title, instructions, instruction_words, template,
          reward_micros, estimate_ms, time_limit_ms, terms_version, wanted, announced_tasks, posted_at)
        values (
          @JobId, @RequesterId, @RequesterName, @Title, @Instructions, @InstructionWords, @Template::jsonb,
          @RewardMicros, @EstimateMs, @TimeLimitMs, @TermsVersion, @Wanted, @Tasks, @PostedAt)
        on conflict (job_id) do update
        set requester_id = excluded.requester_id,
            requester_name = excluded.requester_name,
            title = excluded.title,
            instructions = excluded.instructions,
            instruction_words = excluded.instruction_words,
            template = excluded.template,
            reward_micros = excluded.reward_micros,
            estimate_ms = excluded.estimate_ms,
            time_limit_ms = excluded.time_limit_ms,
            terms_version = excluded.terms_version,
            wanted = excluded.wanted,
            announced_tasks = excluded.announced_tasks,
            posted_at = excluded.posted_at
        where job.posted_at is null
        """;
}
