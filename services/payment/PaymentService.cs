using Marketplace.Contracts;
using Marketplace.Payment.Deposits;
using Marketplace.Payment.Escrow;
using Marketplace.Payment.Exports;
using Marketplace.Payment.Ledger;
using Marketplace.Payment.Payouts;
using Marketplace.Payment.Policy;
using Marketplace.Payment.Settlement;
using Marketplace.Payment.Transparency;
using Marketplace.Platform;
using Marketplace.Ui;

namespace Marketplace.Payment;

/// <summary>The payment service: it holds the money, settles every end of an assignment by the pay rule, and keeps the ledger.</summary>
internal static class PaymentService
{
    internal static WebApplication Build(string[] args, TimeProvider? clock = null)
    {
        var builder = ServiceHost.CreateBuilder(EventRoutes.Payment, args, clock, typeof(PaymentService).Assembly);
        builder.Services.AddSingleton(new LedgerCurrency(builder.Configuration["Installation:Currency"] ?? "EUR"));
        builder.Services.AddSingleton(services => new SandboxRecordStore(
            builder.Configuration["Sandbox:Record"], services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<IPaymentRail, SandboxRail>();
        builder.Services.AddSingleton<CashDesk>();
        builder.AddLedgerPages();
        CountShortfall.AddNumbers(builder.Services);
        builder.AddLog();

        // Before the consumers start: a job can only be funded under a policy.
        builder.Services.AddHostedService<AdoptPolicy.AtStart>();
        builder.AddMessaging(consumers => consumers
            .Add<OnJobPosted, JobPosted>()
            .Add<OnJobBudgetRaised, JobBudgetRaised>()
            .Add<OnJobClaimsClosed, JobClaimsClosed>()
            .AddBatch<OnTaskCompleted, TaskCompleted>(gatherMs: 0));
        builder.Services.AddHostedService<MeasureJobs>();
        builder.Services.AddHostedService<SettlePayouts>();

        var app = builder.BuildService();
        app.MapDeposits();
        app.MapPayouts();
        app.MapExports();
        app.MapLog();
        app.MapAssets("/ledger/assets", typeof(PaymentService).Assembly);
        return app;
    }
}
