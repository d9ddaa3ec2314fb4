using System.Security.Claims;
using Dapper;
using FluentValidation;
using Marketplace.Contracts;
using Marketplace.PayRule;
using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Keeps what a requester has written of a job so far. Nothing is charged, and nobody else sees it.</summary>
internal static class SaveDraft
{
    internal sealed record Response(Guid JobId);

    /// <summary>What can be kept at all; what is missing for posting is <see cref="JobRules.WhatIsMissing"/>.</summary>
    internal sealed class Validator : AbstractValidator<Draft>
    {
        public Validator()
        {
            RuleFor(d => d.Title).NotNull().MaximumLength(JobRules.LongestTitle)
                .WithMessage($"A title has at most {JobRules.LongestTitle} letters.");
            RuleFor(d => d.Instructions).NotNull().MaximumLength(JobRules.LongestInstructions)
                .WithMessage($"The instructions have at most {JobRules.LongestInstructions:N0} letters.");
            RuleFor(d => d.Question).NotNull().MaximumLength(JobRules.LongestQuestion)
                .WithMessage($"A question has at most {JobRules.LongestQuestion} letters.");
            RuleFor(d => d.Kind).Must(k => k is JobTemplate.Choice or JobTemplate.Text)
                .WithMessage("The kind of answer is choice or text.");
            RuleFor(d => d.Labels).NotNull().Must(l => l is null || l.Length <= JobRules.MostLabels)
                .WithMessage($"At most {JobRules.MostLabels} choices: keys 1 to {JobRules.MostLabels} choose them.");
            RuleFor(d => d.Labels).Must(l => l is null || l.All(x => !string.IsNullOrWhiteSpace(x) && x.Length <= JobRules.LongestLabel))
                .WithMessage($"A choice has 1 to {JobRules.LongestLabel} letters.");
            RuleFor(d => d.Labels).Must(l => l is null || l.Distinct(StringComparer.Ordinal).Count() == l.Length)
                .WithMessage("Two choices are the same.");
            RuleFor(d => d.RewardMicros).Must(r => r is null || (r >= JobTerms.RewardLeast.Micros && r <= JobTerms.RewardMost.Micros))
                .WithMessage("A reward is more than 0 and at most 1,000 for one answer.").OverridePropertyName("reward");
            RuleFor(d => d.EstimateMs).Must(e => e is null || (e >= JobTerms.EstimateLeast.Ms && e <= JobTerms.EstimateMost.Ms))
                .WithMessage("An estimate is 1 second to 4 hours.").OverridePropertyName("estimate");
            RuleFor(d => d.TimeLimitMs).Must(l => l is null or (> 0 and <= 86_400_000))
                .WithMessage("A time limit is more than 0 seconds and at most a day.").OverridePropertyName("timeLimit");
            RuleFor(d => d.Wanted).InclusiveBetween(1, JobRules.MostWanted)
                .WithMessage($"Ask for 1 to {JobRules.MostWanted} answers per task.");
            RuleFor(d => d.BudgetMicros).Must(b => b is null or > 0)
                .WithMessage("A budget is more than 0.").OverridePropertyName("budget");
            RuleFor(d => d).Must(d => !AnyNul(d)).WithMessage("Remove the NUL characters from the text.").OverridePropertyName("title");
        }

        private static bool AnyNul(Draft draft) =>
            new[] { draft.Title, draft.Instructions, draft.Question, draft.TextColumn, draft.ImageColumn }
                .Concat(draft.Labels ?? []).Any(t => t?.Contains('\0') == true);
    }

    internal static async Task<Results<Created<Response>, ProblemHttpResult>> Create(
        Draft draft, ClaimsPrincipal user, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancel)
    {
        var jobId = Guid.CreateVersion7();
        return await Save(jobId, draft, user, database, clock, cancel) is { } refused
            ? refused
            : TypedResults.Created($"/api/jobs/{jobId}", new Response(jobId));
    }

    internal static async Task<Results<Ok<Response>, ProblemHttpResult>> Put(
        Guid jobId, Draft draft, ClaimsPrincipal user, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancel) =>
        await Save(jobId, draft, user, database, clock, cancel) is { } refused ? refused : TypedResults.Ok(new Response(jobId));

    /// <summary>Writes the draft, new or again; null where it was kept.</summary>
    internal static async Task<ProblemHttpResult?> Save(
        Guid jobId, Draft draft, ClaimsPrincipal user, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var name = user.DisplayName();
        var kept = await connection.ExecuteAsync(new CommandDefinition(
            UpsertDraft,
            new
            {
                JobId = jobId,
                Requester = user.Id(),
                RequesterName = name.Length > 0 ? name : "A requester",
                draft.Title,
                draft.Instructions,
                draft.Kind,
                draft.Question,
                draft.Labels,
                draft.TextColumn,
                draft.ImageColumn,
                draft.RewardMicros,
                draft.EstimateMs,
                draft.TimeLimitMs,
                draft.Wanted,
                draft.BudgetMicros,
                draft.LeaveOut,
                Now = clock.Now(),
            },
            cancellationToken: cancel));
        if (kept == 1)
            return null;

        return await JobQueries.Find(jobId, user.Id(), connection, cancel) is null
            ? JobQueries.NotThere()
            : Problems.Refuse(409, "The job is posted", "Its terms are fixed now. Post a new job for other terms.");
    }

    private const string UpsertDraft = """
        insert into job (job_id, requester_id, requester_name, title, instructions, kind, question, labels, text_column, image_column,
                         reward_micros, estimate_ms, time_limit_ms, wanted, budget_micros, leave_out, created_at)
        values (@JobId, @Requester, @RequesterName, @Title, @Instructions, @Kind, @Question, @Labels, @TextColumn, @ImageColumn,
                @RewardMicros, @EstimateMs, @TimeLimitMs, @Wanted, @BudgetMicros, @LeaveOut, @Now)
        on conflict (job_id) do update
        set requester_name = excluded.requester_name,
            title = excluded.title,
            instructions = excluded.instructions,
            kind = excluded.kind,
            question = excluded.question,
            labels = excluded.labels,
            text_column = excluded.text_column,
            image_column = excluded.image_column,
            reward_micros = excluded.reward_micros,
            estimate_ms = excluded.estimate_ms,
            time_limit_ms = excluded.time_limit_ms,
            wanted = excluded.wanted,
            budget_micros = excluded.budget_micros,
            leave_out = excluded.leave_out
        where job.requester_id = excluded.requester_id and job.posted_at is null
        """;
}
