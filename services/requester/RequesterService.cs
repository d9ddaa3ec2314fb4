using Marketplace.Contracts;
using Marketplace.Platform;
using Marketplace.Platform.Accounts;
using Marketplace.Requester.Deposits;
using Marketplace.Requester.Jobs;
using Marketplace.Requester.Keys;
using Marketplace.Requester.Results;
using Marketplace.Requester.Tasks;
using Marketplace.Ui;

namespace Marketplace.Requester;

/// <summary>The requester service: who posts jobs, what they upload and may spend, and the answers. Tests build it exactly as production does, with other settings.</summary>
internal static class RequesterService
{
    internal static WebApplication Build(string[] args, TimeProvider? clock = null)
    {
        var builder = ServiceHost.CreateBuilder(EventRoutes.Requester, args, clock, typeof(RequesterService).Assembly);
        builder.AddMessaging(consumers => consumers
            .Add<OnPayPolicyAdopted, PayPolicyAdopted>()
            .Add<OnDepositCredited, DepositCredited>()
            .AddBatch<OnJobFunded, JobFunded>()
            .Add<OnJobRefused, JobRefused>()
            .Add<OnJobMeasured, JobMeasured>()
            .AddBatch<OnAnswerSubmitted, AnswerSubmitted>());
        builder.Services.AddSingleton<PublicationSteps>();
        NameOldAnswers.AddNumbers(builder.Services);
        builder.Services.AddHostedService<FeedTasks>();
        builder.Services.AddHostedService<CloseOldJobs>();
        builder.Services.AddHostedService<ResendJobPosted>();
        builder.Services.AddHostedService<NameOldAnswers>();

        builder.AddAccounts(new AccountSettings(SignIn.Requester, Root: "/requester", Home: "/requester/jobs", NameIsPublic: true));
        SignInByKey.Add(builder);
        builder.Services.AddSingleton<FloorInForce>(PolicyQueries.FloorInForce);

        var app = builder.BuildService();
        app.MapAssets("/requester/assets", typeof(RequesterService).Assembly);
        app.MapAccounts();
        app.MapJobs();
        app.MapTasks();
        app.MapResults();
        app.MapDeposits();
        app.MapKeys();
        return app;
    }
}
