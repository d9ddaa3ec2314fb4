using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Ledger;
using Marketplace.Payment.Payouts;
using Marketplace.Payment.Settlement;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment;

/// <summary>
/// What this service can tell again: deposits, funding, measures and the steps of payouts. Policies are told at each start. What was paid for
/// an end is told to who asks: the worker service tells its ends again, and each is answered from what is stored.
/// </summary>
internal static class Tellings
{
    internal static readonly IReadOnlyList<Telling> All =
    [
        Telling.OfRows<DepositCredited, DepositCredited>(SelectCredited, credited => credited),
        Telling.OfRows<JobFunded, JobFunded>(SelectFunded, funded => funded),
        Telling.OfRows<JobRefused, JobRefused>(SelectRefused, refused => refused),
        Telling.Of(Measured),
        Telling.OfRows<StepRow, object>(SelectSteps, row => row.ToEvent()) with { Event = "payout-…" },
    ];

    /// <summary>What was last said of each job, where it is still so; of the others the next ends will tell.</summary>
    private static async IAsyncEnumerable<JobMeasured> Measured(NpgsqlConnection connection, DateTimeOffset since)
    {
        foreach (var job in (await connection.QueryAsync<(Guid JobId, long Version)>(SelectMeasured, new { Since = since })).AsList())
        {
            var measured = await MeasureJobs.Measure(job.JobId, connection);
            if (measured.Version == job.Version)
                yield return measured;
        }
    }

    private sealed record StepRow
    {
        public required Guid PayoutId { get; init; }
        public required Guid WorkerId { get; init; }
        public required string Rail { get; init; }
        public required string Destination { get; init; }
        public required long AmountMicros { get; init; }
        public required DateTimeOffset IssuedAt { get; init; }
        public required string State { get; init; }
        public required long EntryNumber { get; init; }
        public required DateTimeOffset At { get; init; }
        public required string Name { get; init; }
        public required long AccountId { get; init; }
        public required long BalanceMicros { get; init; }
        public required long CreditsMicros { get; init; }
        public required long Version { get; init; }

        internal object ToEvent() => PayoutStep.Named(State).ToEvent(
            new Payout { PayoutId = PayoutId, WorkerId = WorkerId, Rail = Rail, Destination = Destination, AmountMicros = AmountMicros, IssuedAt = IssuedAt },
            EntryNumber,
            At,
            new AccountBalance { Name = Name, AccountId = AccountId, BalanceMicros = BalanceMicros, CreditsMicros = CreditsMicros, Version = Version });
    }

    private const string SelectCredited = """
        select requester_id, credits_micros as credited_total_micros
        from account
        where kind = 'deposit'
        """;

    private const string SelectFunded = """
        select job_id, funded, worst_micros, policy_version
        from job
        where worst_micros is not null and (finished_at is null or finished_at >= @Since)
        """;

    private const string SelectRefused = """
        select job_id, refused_why as why
        from job
        where refused_why is not null and posted_at >= @Since
        """;

    private const string SelectMeasured = """
        select job_id, measured_version
        from job
        where measured_version > 0 and (finished_at is null or finished_at >= @Since)
        """;

    // A step carries the balance as it is now: the largest version is what the worker's side keeps.
    private const string SelectSteps = """
        select p.payout_id, p.worker_id, p.rail, p.destination, p.amount_micros, p.issued_at, s.state, s.entry_number, s.at,
          a.name, a.account_id, a.balance_micros, a.credits_micros, a.version
        from payout_step s
        join payout p on p.payout_id = s.payout_id
        join account a on a.worker_id = p.worker_id and a.kind = 'payable'
        where s.at >= @Since
        """;
}
