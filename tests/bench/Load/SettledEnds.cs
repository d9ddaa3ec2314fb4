using Dapper;
using Marketplace.Contracts;
using Marketplace.Payment.Settlement;
using Marketplace.PayRule;
using Npgsql;

namespace Marketplace.Bench.Load;

/// <summary>
/// Ends of made-up assignments of a funded job, settled by payment's own code and statements on one connection, without a broker. This is the baseline
/// for settling, and the way a ledger grows to a million entries in minutes. The events that tell the workers are taken out again: there are no such
/// workers.
/// </summary>
internal sealed class SettledEnds(Bench bench)
{
    private const int People = 2_000;

    private readonly Random _random = new(7);

    /// <summary>So many ends in batches of this size, each batch a transaction.</summary>
    internal async Task<Sample> Run(IReadOnlyList<Guid> jobs, int ends, int batch, int workersHeard = People, Action<int>? progress = null)
    {
        await using var payment = await bench.Connect("payment", "payment");
        var first = await SkipAssignments(payment);
        var began = TimeProvider.System.GetTimestamp();
        for (var done = 0; done < ends; done += batch)
        {
            var job = jobs[done / batch % jobs.Count];
            var some = Enumerable.Range(0, Math.Min(batch, ends - done)).Select(n => End(job, first + done + n, workersHeard)).ToList();
            await using var transaction = await payment.BeginTransactionAsync();
            var writes = await SettleEnds.Handle(some, transaction, TimeProvider.System.GetUtcNow(), "EUR", CancellationToken.None);
            writes!.Add("delete from outbox where event = 'WorkerPaid'", new { });
            await writes.Commit(CancellationToken.None);
            progress?.Invoke(done);
        }

        return new Sample(ends, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
    }

    /// <summary>Nine of ten submitted, the others returned or expired; most at their pace, some slow enough for a top-up.</summary>
    private TaskCompleted End(Guid job, long number, int people)
    {
        var kind = _random.Next(100) switch { < 90 => AssignmentEnd.Submitted, < 96 => AssignmentEnd.Returned, _ => AssignmentEnd.Expired };
        var active = _random.Next(400, _random.Next(10) == 0 ? 30_000 : 4_000);
        var claimed = DateTimeOffset.UnixEpoch.AddSeconds(1_790_000_000 + number);
        return new TaskCompleted
        {
            AssignmentId = new Guid((int)(number >> 32), (short)(number >> 16), (short)number, 0, 0, 0, 0, 0, 0, 0, 1),
            JobId = job,
            WorkerId = new Guid(77, 0, 0, 0, 0, 0, 0, 0, 0, (byte)(number % people >> 8), (byte)(number % people)),
            End = kind,
            TermsVersion = 1,
            ClaimedAt = claimed,
            EndedAt = claimed.AddMilliseconds(active + _random.Next(500)),
            ActiveMs = active,
            UnseenMs = 0,
            AllowanceLeftMs = PayPolicy.Default(1, claimed).AllowanceBase.Ms,
            FirstOfJob = number < people,
        };
    }

    private static Task<long> SkipAssignments(NpgsqlConnection payment) =>
        payment.ExecuteScalarAsync<long>("select last_number from ledger_head");
}
