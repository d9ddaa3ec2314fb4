using Dapper;
using Npgsql;

namespace Marketplace.Worker.Jobs;

/// <summary>
/// Opens slots that are funded, so that a claim needs to look at no counter: only an open slot can be claimed, and no more are
/// ever opened than there is money for. Breadth first: one answer of each task before the second of any.
/// </summary>
internal static class OpenSlots
{
    private const int MostAtOnce = 500;

    /// <summary>Opens all that can be opened now, in transactions of at most <see cref="MostAtOnce"/> slots.</summary>
    internal static async Task Handle(Guid jobId, NpgsqlDataSource database, CancellationToken cancel)
    {
        int opened;
        do
        {
            await using var connection = await database.OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await JobQueries.LockOrInsert(jobId, transaction);
            opened = await Some(jobId, MostAtOnce, transaction);
            await transaction.CommitAsync(cancel);
        }
        while (opened > 0);
    }

    /// <summary>Opens at most <paramref name="most"/> slots in a transaction that holds the job's lock, and says how many.</summary>
    internal static Task<int> Some(Guid jobId, int most, NpgsqlTransaction transaction) =>
        transaction.Connection!.ExecuteScalarAsync<int>(UpdateTasks, new { JobId = jobId, Most = most }, transaction);

    // Walks task_unopened, then the primary key. A job that is closed, or has nothing more funded, gives a limit of 0. By an array and
    // not a join, because a limit that is not a constant lets the planner fear a tenth of the table and read the whole of it.
    private const string UpdateTasks = """
        with pick as (
          select number
          from task
          where job_id = @JobId and unopened > 0
          order by (wanted - unopened), number
          limit coalesce((select least(@Most, funded - opened) from job where job_id = @JobId and closed_at is null), 0)
          for no key update
        ),
        opening as (
          update task
          set open = open + 1,
              is_open = true,
              unopened = unopened - 1
          where job_id = @JobId and number = any(array(select number from pick))
          returning number
        )
        update job
        set opened = opened + (select count(*) from opening),
            unopened = greatest(0, unopened - (select count(*) from opening))
        where job_id = @JobId
        returning (select count(*) from opening)
        """;
}
