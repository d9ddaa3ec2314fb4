using Marketplace.Contracts;
using Marketplace.Platform;
using Marketplace.Platform.Accounts;
using Marketplace.Ui;
using Marketplace.Worker.Assignments;
using Marketplace.Worker.Earnings;
using Marketplace.Worker.Jobs;

namespace Marketplace.Worker;

/// <summary>The worker service: jobs to do, claims and their clock, payslips. Tests build it exactly as production does, with other settings.</summary>
internal static class WorkerService
{
    internal static WebApplication Build(string[] args, TimeProvider? clock = null)
    {
        var builder = ServiceHost.CreateBuilder(EventRoutes.Worker, args, clock, typeof(WorkerService).Assembly);
        builder.AddAccounts(new AccountSettings(SignIn.Worker, Root: "", Home: "/", NameIsPublic: false));
        builder.AddMessaging(consumers => consumers
            .Add<OnPayPolicyAdopted, PayPolicyAdopted>()
            .Add<OnJobPosted, JobPosted>()
            .Add<OnTaskPosted, TaskPosted>(prefetch: 16)
            .AddBatch<OnJobFunded, JobFunded>(gatherMs: 10)
            .Add<OnJobClosed, JobClosed>()
            .Add<OnJobMeasured, JobMeasured>()
            .AddBatch<OnWorkerPaid, WorkerPaid>()
            .Add<OnPayoutIssued, PayoutIssued>()
            .Add<OnPayoutSettled, PayoutSettled>()
            .Add<OnPayoutFailed, PayoutFailed>()
            .Add<OnPayoutReturned, PayoutReturned>());
        builder.Services.AddSingleton<PolicyQueries>();
        builder.Services.AddSingleton<FloorInForce>(services => services.GetRequiredService<PolicyQueries>().FloorInForce);
        builder.Services.AddSingleton<PayoutQueries>();
        builder.Services.AddJobs();
        builder.Services.AddAssignments();
        builder.Services.AddEarnings();

        var app = builder.BuildService();
        app.MapAssets("/assets", typeof(WorkerService).Assembly);
        app.MapAccounts();
        app.MapJobs();
        app.MapAssignments();
        app.MapEarnings();
        return app;
    }
}
