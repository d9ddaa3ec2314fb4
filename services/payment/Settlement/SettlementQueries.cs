using System.Text.Json;
using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Settlement;

/// <summary>A settlement as it is stored, with its entry's number and the salt of its commitment (empty once it was erased).</summary>
internal sealed record StoredSettlement(long EntryNumber, Settlement Settlement, byte[] Salt);

/// <summary>Settlements as rows.</summary>
internal static class SettlementQueries
{
    /// <summary>The settlements that exist of these assignments.</summary>
    internal static async Task<Dictionary<Guid, StoredSettlement>> Find(NpgsqlTransaction transaction, IEnumerable<Guid> assignments)
    {
        var keys = assignments.Select(Entry.AssignmentKey).ToArray();
        var rows = await transaction.Connection!.QueryAsync<Settlement, SaltRow, StoredSettlement>(
            SelectSettlements,
            (settlement, salt) => new StoredSettlement(salt.EntryNumber, settlement, salt.Salt),
            new { Keys = keys },
            transaction,
            splitOn: "entry_number");
        return rows.ToDictionary(s => s.Settlement.AssignmentId);
    }

    internal static void Insert(RoundTrip writes, long firstNumber, IReadOnlyList<Settlement> rows)
    {
        T[] Column<T>(Func<Settlement, T> of) => [.. rows.Select(of)];
        writes.Add(InsertSettlements, new
        {
            EntryNumbers = rows.Select((_, i) => firstNumber + i).ToArray(),
            AssignmentIds = Column(s => s.AssignmentId),
            JobIds = Column(s => s.JobId),
            WorkerIds = Column(s => s.WorkerId),
            Ended = Column(s => s.Ended),
            TermsVersions = Column(s => s.TermsVersion),
            PolicyVersions = Column(s => s.PolicyVersion),
            ClaimedAt = Column(s => s.ClaimedAt),
            EndedAt = Column(s => s.EndedAt),
            ActiveMs = Column(s => s.ActiveMs),
            UnseenMs = Column(s => s.UnseenMs),
            AllowanceLeftMs = Column(s => s.AllowanceLeftMs),
            FirstOfJob = Column(s => s.FirstOfJob),
            RewardMicros = Column(s => s.RewardMicros),
            LimitMs = Column(s => s.LimitMs),
            ReadingMs = Column(s => s.ReadingMs),
            FloorMicrosPerHour = Column(s => s.FloorMicrosPerHour),
            CreditedMs = Column(s => s.CreditedMs),
            AllowanceUsedMs = Column(s => s.AllowanceUsedMs),
            OwedMicros = Column(s => s.OwedMicros),
            CountedMicros = Column(s => s.CountedMicros),
            TopUpMicros = Column(s => s.TopUpMicros),
            PayMicros = Column(s => s.PayMicros),
            FeeMicros = Column(s => s.FeeMicros),
            LevyMicros = Column(s => s.LevyMicros),
            ChargedMicros = Column(s => s.ChargedMicros),
            ShortfallMicros = Column(s => s.ShortfallMicros),
            BalanceMicros = Column(s => s.BalanceMicros),
            BalanceVersions = Column(s => s.BalanceVersion),
        });
    }

    /// <summary>Keeps ends of jobs that are not known yet.</summary>
    internal static void Keep(RoundTrip writes, IReadOnlyCollection<TaskCompleted> ends) =>
        writes.Add(InsertPendingEnds, new
        {
            Assignments = ends.Select(e => e.AssignmentId).ToArray(),
            Jobs = ends.Select(e => e.JobId).ToArray(),
            Bodies = ends.Select(e => JsonSerializer.Serialize(e, WireJson.Options)).ToArray(),
        });

    private sealed record SaltRow
    {
        public required long EntryNumber { get; init; }
        public required byte[] Salt { get; init; }
    }

    // By the unique key of the entry, then by primary keys.
    private const string SelectSettlements = """
        select s.assignment_id, s.job_id, s.worker_id, s.ended, s.terms_version, s.policy_version, s.claimed_at, s.ended_at, s.active_ms,
          s.unseen_ms, s.allowance_left_ms, s.first_of_job, s.reward_micros, s.limit_ms, s.reading_ms, s.floor_micros_per_hour,
          s.credited_ms, s.allowance_used_ms, s.owed_micros, s.counted_micros, s.top_up_micros, s.pay_micros, s.fee_micros, s.levy_micros,
          s.charged_micros, s.shortfall_micros, s.balance_micros, s.balance_version,
          s.entry_number, coalesce(t.salt, ''::bytea) as salt
        from entry e
        join settlement s on s.entry_number = e.number
        left join salt t on t.entry_number = e.number
        where e.key = any(@Keys)
        """;

    private const string InsertSettlements = """
        insert into settlement (entry_number, assignment_id, job_id, worker_id, ended, terms_version, policy_version, claimed_at, ended_at,
          active_ms, unseen_ms, allowance_left_ms, first_of_job, reward_micros, limit_ms, reading_ms, floor_micros_per_hour, credited_ms,
          allowance_used_ms, owed_micros, counted_micros, top_up_micros, pay_micros, fee_micros, levy_micros, charged_micros,
          shortfall_micros, balance_micros, balance_version)
        select *
        from unnest(@EntryNumbers, @AssignmentIds, @JobIds, @WorkerIds, @Ended, @TermsVersions, @PolicyVersions, @ClaimedAt, @EndedAt,
          @ActiveMs, @UnseenMs, @AllowanceLeftMs, @FirstOfJob, @RewardMicros, @LimitMs, @ReadingMs, @FloorMicrosPerHour, @CreditedMs,
          @AllowanceUsedMs, @OwedMicros, @CountedMicros, @TopUpMicros, @PayMicros, @FeeMicros, @LevyMicros, @ChargedMicros,
          @ShortfallMicros, @BalanceMicros, @BalanceVersions)
        """;

    private const string InsertPendingEnds = """
        insert into pending_end (assignment_id, job_id, body)
        select assignment_id, job_id, body::jsonb
        from unnest(@Assignments, @Jobs, @Bodies) as p (assignment_id, job_id, body)
        on conflict (assignment_id) do nothing
        """;
}
