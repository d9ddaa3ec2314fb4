using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Dapper;
using FluentValidation;
using Marketplace.Contracts;
using Marketplace.PayRule;
using Marketplace.Platform;
using Marketplace.Requester.Deposits;
using Marketplace.Requester.Tasks;
using Marketplace.Ui;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>
/// Posts a draft: sets its money aside at once and tells the others. From here on its terms are fixed; its tasks are fed
/// to the workers' side by <see cref="FeedTasks"/>.
/// </summary>
internal static class PostJob
{
    /// <summary>What to post with; both may be left to what the draft says.</summary>
    internal sealed record Request
    {
        public long? BudgetMicros { get; init; }

        /// <summary>True: rows that cannot be posted are left out. False: nothing is posted while there are any.</summary>
        public bool? LeaveOut { get; init; }
    }

    internal sealed record Response(Guid JobId, int Tasks, long BudgetMicros);

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(r => r.BudgetMicros).Must(b => b is null or > 0)
            .WithMessage("A budget is more than 0.").OverridePropertyName("budget");
    }

    internal static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid jobId, Request request, HttpRequest http, ClaimsPrincipal user,
        NpgsqlDataSource database, TimeProvider clock, Installation installation, OutboxSignal outbox, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);

        var key = Idempotency.KeyOf(http);
        if (key is null && http.Headers.ContainsKey("Idempotency-Key"))
            return RefuseRepeat.NoSuchKey();
        if (key is not null)
        {
            var known = await Idempotency.Find(user.Id(), key, Idempotency.HashOf($"post {jobId}", request), transaction, cancel);
            if (known.Conflict)
                return RefuseRepeat.OtherRequest();
            if (known.Response is not null)
                return TypedResults.Ok(JsonSerializer.Deserialize<Response>(known.Response, WireJson.Options)!);
        }

        if (await JobQueries.Lock(jobId, user.Id(), transaction, cancel) is not { } job)
            return JobQueries.NotThere();
        if (!job.IsDraft)
            return Problems.Refuse(409, "The job is posted already", "Nothing was charged again.");

        var (response, refused) = await Post(job, request, transaction, clock.Now(), installation.Currency, cancel);
        if (refused is not null)
            return refused;

        if (key is not null)
            await Idempotency.Save(user.Id(), key, response!, transaction, cancel);
        await transaction.CommitAsync(cancel);
        outbox.Wake();
        return TypedResults.Ok(response!);
    }

    private static async Task<(Response?, ProblemHttpResult?)> Post(
        Job job, Request request, NpgsqlTransaction transaction, DateTimeOffset now, string currency, CancellationToken cancel)
    {
        var connection = transaction.Connection!;
        if (await PolicyQueries.InForce(now, connection, transaction, cancel) is not { } policy)
            return (null, Problems.Refuse(503, "The pay rules are not here yet", "Nothing was charged. Try again in a minute."));

        var file = await FindTaskProblems.Run(job, connection, transaction, cancel);
        var missing = JobRules.WhatIsMissing(job, file.Columns, job.Tasks);
        if (JobRules.Terms(job, policy) is { Refusal: { } wrong })
            missing.Add(new(wrong.Field, wrong.Why(currency)));
        if (missing.Count == 0 && file.Count > 0 && !(request.LeaveOut ?? job.LeaveOut))
            missing.Add(new("file", $"{file.Count:N0} rows cannot be posted. Leave them out, or correct the file."));
        if (missing.Count == 0 && file.LeftOut == job.Tasks)
            missing.Add(new("file", "No row of the file can be posted."));
        if (missing.Count > 0)
            return (null, Refused("The job is not ready", missing));

        var terms = JobRules.Terms(job, policy)!.Terms!;
        var tasks = job.Tasks - file.LeftOut;
        var budget = new Money(request.BudgetMicros ?? job.BudgetMicros ?? JobCost.Of(terms, (long)tasks * job.Wanted).SuggestedBudget.Micros);
        if (budget < terms.Worst)
            return (null, Refused("The budget is too small", [new("budget", $"Set aside at least {MoneyText.Price(terms.Worst.Micros, CultureInfo.CurrentCulture)} {currency}: one answer at the full limit.")]));
        if (!await TakeFromDeposit.Take(job.RequesterId, budget, transaction, cancel))
        {
            var there = await TakeFromDeposit.Available(job.RequesterId, connection, transaction, cancel);
            return (null, Refused("There is not enough on your deposit", [new("budget", $"You have {MoneyText.Balance(there.Micros, CultureInfo.CurrentCulture)} {currency} on deposit. Add money first, or set less aside.")]));
        }

        if (file.LeftOut > 0)
            await FindTaskProblems.LeaveOut(job, transaction, cancel);

        var posted = job with { Tasks = tasks, BudgetMicros = budget.Micros, PostedBudgetMicros = budget.Micros, PostedAt = now };
        await connection.ExecuteAsync(new CommandDefinition(UpdateJob, posted, transaction, cancellationToken: cancel));
        await Outbox.Add(posted.ToEvent(), transaction, cancel);
        return (new(job.JobId, tasks, budget.Micros), null);
    }

    private static ProblemHttpResult Refused(string title, IReadOnlyList<FieldProblem> missing) => Problems.Refuse(
        400, title, "Nothing was charged. " + string.Join(" ", missing.Select(m => m.Message)),
        missing.Select(m => (m.Field, m.Message)).ToArray());

    private const string UpdateJob = """
        with posted as (
          update job
          set tasks = @Tasks,
              budget_micros = @BudgetMicros,
              posted_budget_micros = @PostedBudgetMicros,
              posted_at = @PostedAt
          where job_id = @JobId
        )
        insert into job_asked (job_id)
        values (@JobId)
        """;
}
