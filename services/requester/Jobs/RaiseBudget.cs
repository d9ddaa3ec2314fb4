using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Dapper;
using FluentValidation;
using Marketplace.Contracts;
using Marketplace.Platform;
using Marketplace.Requester.Deposits;
using Marketplace.Ui;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>Sets more money aside for a job that runs, from the deposit.</summary>
internal static class RaiseBudget
{
    /// <param name="AddMicros">How much more, in micro-units.</param>
    internal sealed record Request(long AddMicros);

    internal sealed record Response(Guid JobId, long BudgetMicros);

    internal sealed class Validator : AbstractValidator<Request>
    {
        public Validator() => RuleFor(r => r.AddMicros).GreaterThan(0).WithMessage("Add more than 0.").OverridePropertyName("add");
    }

    internal static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Guid jobId, Request request, HttpRequest http, ClaimsPrincipal user,
        NpgsqlDataSource database, Installation installation, OutboxSignal outbox, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);

        var key = Idempotency.KeyOf(http);
        if (key is null && http.Headers.ContainsKey("Idempotency-Key"))
            return RefuseRepeat.NoSuchKey();
        if (key is not null)
        {
            var known = await Idempotency.Find(user.Id(), key, Idempotency.HashOf($"budget {jobId}", request), transaction, cancel);
            if (known.Conflict)
                return RefuseRepeat.OtherRequest();
            if (known.Response is not null)
                return TypedResults.Ok(JsonSerializer.Deserialize<Response>(known.Response, WireJson.Options)!);
        }

        if (await JobQueries.Lock(jobId, user.Id(), transaction, cancel) is not { } job)
            return JobQueries.NotThere();
        if (job.IsDraft)
            return Problems.Refuse(409, "The job is not posted yet", "Its budget is part of the draft.");
        if (await connection.ExecuteScalarAsync<bool>(new CommandDefinition(SelectEnded, new { JobId = jobId }, transaction, cancellationToken: cancel)))
            return Problems.Refuse(409, "The job takes no more work", "It is closed, or was refused. Nothing was charged.");

        if (!await TakeFromDeposit.Take(user.Id(), new Money(request.AddMicros), transaction, cancel))
        {
            var there = await TakeFromDeposit.Available(user.Id(), connection, transaction, cancel);
            var message = $"You have {MoneyText.Balance(there.Micros, CultureInfo.CurrentCulture)} {installation.Currency} on deposit. Add money first, or add less here.";
            return Problems.Refuse(400, "There is not enough on your deposit", "Nothing was charged. " + message, ("add", message));
        }

        var total = checked(job.BudgetMicros!.Value + request.AddMicros);
        await connection.ExecuteAsync(new CommandDefinition(UpdateBudget, new { JobId = jobId, Total = total }, transaction, cancellationToken: cancel));
        await Outbox.Add(new JobBudgetRaised { JobId = jobId, RequesterId = user.Id(), BudgetTotalMicros = total }, transaction, cancel);

        var response = new Response(jobId, total);
        if (key is not null)
            await Idempotency.Save(user.Id(), key, response, transaction, cancel);
        await transaction.CommitAsync(cancel);
        outbox.Wake();
        return TypedResults.Ok(response);
    }

    private const string SelectEnded = """
        select exists (select from job_closure where job_id = @JobId)
            or exists (select from job_refusal where job_id = @JobId)
            or exists (select from job_measurement where job_id = @JobId and finished)
        """;

    private const string UpdateBudget = """
        update job
        set budget_micros = @Total
        where job_id = @JobId
        """;
}
