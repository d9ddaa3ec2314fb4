using Dapper;
using Marketplace.Contracts;
using MassTransit;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>Adds a job's tasks: open where there is money for them and for all that wait, else closed, and then opens what the money allows.</summary>
internal sealed class OnTaskPosted(NpgsqlDataSource database) : IConsumer<TaskPosted>
{
    public async Task Consume(ConsumeContext<TaskPosted> context)
    {
        var posted = context.Message;
        var cancel = context.CancellationToken;

        bool wait;
        await using (var connection = await database.OpenConnectionAsync(cancel))
        await using (var transaction = await connection.BeginTransactionAsync(cancel))
        {
            await JobQueries.LockOrInsert(posted.JobId, transaction);
            wait = await connection.ExecuteScalarAsync<bool>(
                InsertTasks,
                new { posted.JobId, posted.FirstNumber, posted.Wanted, Inputs = posted.Inputs.Select(i => i.GetRawText()).ToArray() },
                transaction);
            await transaction.CommitAsync(cancel);
        }

        if (wait)
            await OpenSlots.Handle(posted.JobId, database, cancel);
    }

    private const string InsertTasks = """
        with paid as (
          select closed_at is null and funded - opened >= unopened + @Wanted::bigint * cardinality(@Inputs::text[]) as at_once
          from job
          where job_id = @JobId
        ),
        added as (
          insert into task (job_id, number, is_open, open, unopened, wanted, input)
          select
            @JobId, @FirstNumber - 1 + position, paid.at_once,
            case when paid.at_once then @Wanted else 0 end, case when paid.at_once then 0 else @Wanted end, @Wanted, input::jsonb
          from unnest(@Inputs::text[]) with ordinality as posted (input, position), paid
          on conflict (job_id, number) do nothing
          returning open, unopened
        )
        update job
        set tasks = tasks + (select count(*) from added),
            opened = opened + (select coalesce(sum(open), 0) from added),
            unopened = unopened + (select coalesce(sum(added.unopened), 0) from added)
        where job_id = @JobId
        returning unopened > 0
        """;
}
