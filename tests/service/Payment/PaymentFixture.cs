using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Marketplace.Payment;

namespace Marketplace.ServiceTests.Payment;

/// <summary>A payment service for a class of tests, and the few states that its tests start from, reached as production reaches them.</summary>
public sealed class PaymentFixture : IAsyncLifetime
{
    private readonly string[] _settings;

    public PaymentFixture()
        : this([])
    {
    }

    internal PaymentFixture(string[] settings) => _settings = settings;

    internal RunningService Service { get; private set; } = null!;

    internal Broker Broker => Service.Broker;

    public async ValueTask InitializeAsync() =>
        Service = await RunningService.Start("payment", PaymentService.Build, null, ["--Payouts:AskEveryMs=50", .. _settings]);

    public ValueTask DisposeAsync() => Service.DisposeAsync();

    /// <summary>A requester who has paid in so much.</summary>
    internal async Task<Guid> ARequesterWith(long micros)
    {
        var requester = Guid.NewGuid();
        using var client = Service.Requester(requester);
        (await client.PostOnce("/ledger/deposits", new { amountMicros = micros })).EnsureSuccessStatusCode();
        return requester;
    }

    /// <summary>A job as its requester posts it: 0.0375 EUR for 9 s, limit 60 s, W = 0.30 EUR.</summary>
    internal static JobPosted AJob(Guid requester, long budgetMicros, long rewardMicros = 37_500, long? estimateMs = 9_000, int words = 0) => new()
    {
        JobId = Guid.CreateVersion7(),
        RequesterId = requester,
        RequesterName = "Bird Atlas",
        Title = "Name the bird",
        Instructions = "",
        InstructionWords = words,
        Template = new JobTemplate { Kind = JobTemplate.Choice, Question = "Which bird is it?", Labels = ["wren", "robin"] },
        RewardMicros = rewardMicros,
        EstimateMs = estimateMs,
        TimeLimitMs = null,
        TermsVersion = 1,
        Tasks = 10,
        Wanted = 3,
        BudgetMicros = budgetMicros,
        PostedAt = new DateTimeOffset(2026, 3, 3, 9, 0, 0, TimeSpan.Zero),
    };

    /// <summary>A job with its money in escrow, of a requester who has nothing else.</summary>
    internal async Task<JobPosted> AFundedJob(long budgetMicros = 3_000_000)
    {
        var job = AJob(await ARequesterWith(budgetMicros), budgetMicros);
        await Broker.Publish(job);
        await Funded(job.JobId);
        return job;
    }

    /// <summary>Waits until the job is said to be funded, and for so many claims at least.</summary>
    internal async Task<JobFunded> Funded(Guid job, long atLeast = 0)
    {
        JobFunded? heard = null;
        await Wait.Eventually(() => (heard = Broker.Heard<JobFunded>().LastOrDefault(f => f.JobId == job && f.Funded >= atLeast)) is not null, "the job is funded");
        return heard!;
    }

    /// <summary>An end with a wall time of its active time.</summary>
    internal static TaskCompleted AnEnd(
        JobPosted job, Guid? worker = null, long activeMs = 5_000, AssignmentEnd end = AssignmentEnd.Submitted, long allowanceLeftMs = 300_000) => new()
        {
            AssignmentId = Guid.CreateVersion7(),
            JobId = job.JobId,
            WorkerId = worker ?? Guid.NewGuid(),
            End = end,
            TermsVersion = job.TermsVersion,
            ClaimedAt = job.PostedAt.AddMinutes(5),
            EndedAt = job.PostedAt.AddMinutes(5).AddMilliseconds(activeMs),
            ActiveMs = activeMs,
            UnseenMs = 0,
            AllowanceLeftMs = allowanceLeftMs,
            FirstOfJob = false,
        };

    /// <summary>Waits until all that is booked is public, in figures too.</summary>
    internal static async Task EverythingIsPublic(RunningService service)
    {
        using var anybody = service.Anybody();
        await Wait.Eventually(
            async () =>
            {
                await using var command = service.Database.CreateCommand("select last_number from ledger_head");
                var booked = (long)(await command.ExecuteScalarAsync())!;
                return (await anybody.GetFromJsonAsync<JsonObject>("/ledger/trial-balance"))!["entries"]!.GetValue<long>() == booked;
            },
            "all that is booked is public");
    }

    /// <summary>Waits for the answer to an end.</summary>
    internal async Task<WorkerPaid> Paid(TaskCompleted end)
    {
        WorkerPaid? heard = null;
        await Wait.Eventually(() => (heard = Broker.Heard<WorkerPaid>().FirstOrDefault(p => p.AssignmentId == end.AssignmentId)) is not null, "the worker is paid");
        return heard!;
    }

    /// <summary>What is owed to, or held for, an account: its credit balance. 0 where there is none.</summary>
    internal async Task<long> Balance(string account)
    {
        await using var command = Service.Database.CreateCommand("select -balance_micros from account where name = $1");
        command.Parameters.AddWithValue(account);
        return await command.ExecuteScalarAsync() as long? ?? 0;
    }

    internal Task<long> DepositOf(Guid requester) => Balance($"liabilities:requester:{requester}:deposit");

    internal Task<long> EscrowOf(Guid job) => Balance($"liabilities:job:{job}:escrow");

    internal Task<long> OwedTo(Guid worker) => Balance($"liabilities:workers:payable:{worker}");
}
