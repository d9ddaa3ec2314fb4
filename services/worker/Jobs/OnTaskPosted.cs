using Dapper;
using Marketplace.Contracts;
using MassTransit;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>Adds a job's tasks, closed, and opens what its money allows.</summary>
internal sealed class OnTaskPosted(NpgsqlDataSource database) : IConsumer<TaskPosted>
{
    public async Task Consume(ConsumeContext<TaskPosted> context)
    {
        var posted = context.Message;
        var cancel = context.CancellationToken;

        await using (var connection = await database.OpenConnectionAsync(cancel))
        await using (var transaction = await connection.BeginTransactionAsync(cancel))
        {
            await JobQueries.LockOrInsert(posted.JobId, transaction);
            await connection.ExecuteAsync(
                InsertTasks,
                new { posted.JobId, posted.FirstNumber, posted.Wanted, Inputs = posted.Inputs.Select(i => i.GetRawText()).ToArray() },
                transaction);
            await transaction.CommitAsync(cancel);
        }

        await OpenSlots.Handle(posted.JobId, database, cancel);
    }

    private const string InsertTasks = """
        with added as (
          insert into task (job_id, number, is_open, open, unopened, wanted, input)
          select @JobId, @FirstNumber - 1 + position, false, 0, @Wanted, @Wanted, input::jsonb
          from unnest(@Inputs::text[]) with ordinality as posted (input, position)
          on conflict (job_id, number) do nothing
          returning number
        )
        update job
        set tasks = tasks + (select count(*) from added)
        where job_id = @JobId
        """;
}
