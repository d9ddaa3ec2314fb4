using Dapper;
using Npgsql;

namespace Marketplace.Worker.Assignments;

/// <summary>Why a job has no task for a worker who found none: all are taken, money is awaited, or tasks are on their way.</summary>
internal static class ReadWhyNot
{
    internal static async Task<NoTask> Handle(JobToClaim job, NpgsqlTransaction transaction)
    {
        if (job.Claims >= job.Tasks && job.Tasks >= job.AnnouncedTasks)
            return NoTask.NothingLeft;

        var left = await transaction.Connection!.QuerySingleAsync<Left>(SelectLeft, new { job.JobId }, transaction);
        return left.Unopened || job.Tasks < job.AnnouncedTasks
            ? left.Opened < left.Funded ? NoTask.Busy : NoTask.WaitsForMoney
            : NoTask.NothingLeft;
    }

    private sealed record Left
    {
        public required bool Unopened { get; init; }
        public required long Opened { get; init; }
        public required long Funded { get; init; }
    }

    private const string SelectLeft = """
        select
          opened,
          funded,
          exists (select 1 from task where task.job_id = @JobId and task.unopened > 0) as unopened
        from job
        where job_id = @JobId
        """;
}
