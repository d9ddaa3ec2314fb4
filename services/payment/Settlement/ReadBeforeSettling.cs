using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Escrow;
using Marketplace.Payment.Ledger;
using Marketplace.Payment.Policy;
using Marketplace.PayRule;
using Npgsql;

namespace Marketplace.Payment.Settlement;

/// <summary>Locks what settling changes, always in the same order, and reads what it looks at.</summary>
internal static class ReadBeforeSettling
{
    /// <summary>Locks and reads, in one round trip.</summary>
    internal static async Task<BeforeSettling> Handle(
        IReadOnlyCollection<TaskCompleted> ends, NpgsqlTransaction transaction, DateTimeOffset now, string currency)
    {
        var jobs = ends.Select(e => e.JobId).Distinct().ToArray();
        var keys = ends.ToDictionary(e => Entry.AssignmentKey(e.AssignmentId), e => e.AssignmentId);
        Account[] accounts =
        [
            .. jobs.Select(Account.Escrow), .. ends.Select(e => e.WorkerId).Distinct().Select(Account.Payable),
            Account.Fees, Account.Commons, Account.Shortfall,
        ];
        await using var rows = await transaction.Connection!.QueryMultipleAsync(
            SelectAll, new { Jobs = jobs, Keys = keys.Keys.ToArray(), Names = accounts.Select(a => a.Name).ToArray() }, transaction);
        return new BeforeSettling
        {
            Jobs = (await rows.ReadAsync<Job>()).ToDictionary(j => j.JobId),
            Head = (await rows.ReadSingleAsync<PostEntries.HeadRow>()).At(now, currency),
            Posted = [.. await rows.ReadAsync<Guid>()],
            Settled = [.. (await rows.ReadAsync<(string Key, long Number)>()).Select(found => keys[found.Key])],
            Policies = (await rows.ReadAsync<PayPolicyAdopted>()).Select(PayPolicy.From).ToDictionary(p => p.Version),
            Accounts = (await rows.ReadAsync<AccountBalance>()).ToDictionary(a => a.Name),
        };
    }

    private const string SelectAll = JobQueries.LockJobs + ";\n" + PostEntries.LockLedger + ";\n" + JobQueries.SelectPosted + ";\n" + PostEntries.SelectNumbers + ";\n"
        + PolicyQueries.SelectPolicies + ";\n" + PostEntries.SelectAccounts;
}
