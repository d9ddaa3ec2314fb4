using Marketplace.Contracts;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Worker.Earnings;

/// <summary>Writes down what payment settled each assignment at, the first time it says so, and the newest balance of each worker.</summary>
internal sealed class OnWorkerPaid(NpgsqlDataSource database) : BatchConsumer<WorkerPaid>
{
    protected override async Task Handle(IReadOnlyList<WorkerPaid> events, CancellationToken cancel)
    {
        // In one order in every batch, so that two copies of the service do not lock each other out.
        var paid = events.DistinctBy(m => m.AssignmentId).OrderBy(m => m.AssignmentId).ToArray();

        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);

        var writes = new RoundTrip(transaction);
        writes.Add(UpdateEnds, new
        {
            AssignmentIds = paid.Select(p => p.AssignmentId).ToArray(),
            WorkerIds = paid.Select(p => p.WorkerId).ToArray(),
            EntryNumbers = paid.Select(p => p.EntryNumber).ToArray(),
            EntryKeys = paid.Select(p => p.EntryKey).ToArray(),
            Rewards = paid.Select(p => p.RewardMicros).ToArray(),
            TopUps = paid.Select(p => p.TopUpMicros).ToArray(),
            Pays = paid.Select(p => p.PayMicros).ToArray(),
            Credited = paid.Select(p => p.CreditedMs).ToArray(),
            AllowanceUsed = paid.Select(p => p.AllowanceUsedMs).ToArray(),
            Floors = paid.Select(p => p.FloorMicrosPerHour).ToArray(),
            Policies = paid.Select(p => p.PolicyVersion).ToArray(),
            Salts = paid.Select(p => p.Salt).ToArray(),
        });
        BalanceQueries.Keep(events.Select(m => new Balance(m.WorkerId, m.BalanceMicros, m.BalanceVersion)), writes);
        await writes.Commit(cancel);
    }

    // The first that is told is kept; one that was told without its key (before there were any) is completed.
    private const string UpdateEnds = """
        update assignment_end
        set entry_number = paid.entry_number,
            entry_key = paid.entry_key,
            settled_reward_micros = paid.reward,
            settled_top_up_micros = paid.top_up,
            settled_pay_micros = paid.pay,
            settled_credited_ms = paid.credited,
            settled_allowance_used_ms = paid.allowance_used,
            settled_floor_micros_per_hour = paid.floor,
            settled_policy_version = paid.policy,
            salt = paid.salt
        from unnest(
          @AssignmentIds, @WorkerIds, @EntryNumbers, @EntryKeys, @Rewards, @TopUps, @Pays, @Credited, @AllowanceUsed, @Floors, @Policies, @Salts)
          as paid (assignment_id, worker_id, entry_number, entry_key, reward, top_up, pay, credited, allowance_used, floor, policy, salt)
        where assignment_end.assignment_id = paid.assignment_id
          and assignment_end.worker_id = paid.worker_id
          and (
            assignment_end.entry_number is null
            or (assignment_end.entry_key is null and paid.entry_key is not null and assignment_end.entry_number = paid.entry_number)
          )
        """;
}
