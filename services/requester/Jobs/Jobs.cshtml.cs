using Marketplace.Platform;
using Marketplace.Requester.Deposits;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>A requester's jobs, and what is on the deposit.</summary>
internal sealed class JobsPage(NpgsqlDataSource database, PublicationSteps steps) : PageModel
{
    public IReadOnlyList<JobView> Jobs { get; private set; } = [];

    public long AvailableMicros { get; private set; }

    public async Task OnGet(CancellationToken cancel)
    {
        Jobs = await ListJobs.Handle(User, database, steps, cancel);
        await using var connection = await database.OpenConnectionAsync(cancel);
        AvailableMicros = (await TakeFromDeposit.Available(User.Id(), connection, null, cancel)).Micros;
    }

    internal static string Address(JobView job) =>
        job.State == JobState.Draft ? $"/requester/jobs/{job.JobId}/draft" : $"/requester/jobs/{job.JobId}";

    internal static string StateName(JobState state) => state switch
    {
        JobState.Draft => "draft",
        JobState.Posted => "being checked",
        JobState.Running => "running",
        JobState.Refused => "refused",
        JobState.Closed => "closing",
        _ => "finished",
    };
}
