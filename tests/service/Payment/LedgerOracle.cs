using System.Numerics;

namespace Marketplace.ServiceTests.Payment;

/// <summary>
/// Predicts every balance and every refusal, by arithmetic of its own: it shares nothing with the service but the default policy's numbers,
/// written here again. Each method says whether the command is accepted.
/// </summary>
internal sealed class LedgerOracle
{
    private const long Floor = 15_000_000;

    internal sealed class JobState
    {
        public required int Requester { get; init; }
        public required long Reward { get; init; }
        public required long LimitMs { get; init; }
        public required bool Refused { get; init; }
        public long Budget { get; set; }
        public long Escrow { get; set; }
        public long Ended { get; set; }
        public long Claims { get; set; }
        public bool Closed { get; set; }

        public long Worst => Charge(Math.Max(Reward, Up((BigInteger)Floor * LimitMs, 3_600_000)));
        public long Funded => Refused ? 0 : Ended + (Escrow / Worst);
        public bool MayClaim => !Refused && !Closed && Claims < Funded;
        public bool IsOver => Refused || (Closed && Ended == Claims);
    }

    internal Dictionary<int, long> Deposits { get; } = [];

    internal Dictionary<int, long> Credited { get; } = [];

    internal Dictionary<int, long> Owed { get; } = [];

    internal Dictionary<int, long> InTransit { get; } = [];

    internal List<JobState> Jobs { get; } = [];

    internal long Fees { get; private set; }

    internal long Commons { get; private set; }

    internal long Bank { get; private set; }

    internal bool Deposit(int requester, long amount)
    {
        Bank += amount;
        Credit(requester, amount);
        return true;
    }

    internal bool Post(int requester, long reward, long? estimateMs, long budget)
    {
        var estimate = estimateMs ?? Math.Max(1000, reward * 3_600_000 / Floor);
        var refused = reward < 1 || reward < Up((BigInteger)Floor * estimate, 3_600_000);
        if (!refused && budget > Deposits.GetValueOrDefault(requester))
            return false;

        Jobs.Add(new JobState { Requester = requester, Reward = reward, LimitMs = Math.Max(60_000, 5 * estimate), Refused = refused });
        return Raise(Jobs[^1], budget);
    }

    /// <summary>To a total; a smaller one than heard before changes nothing.</summary>
    internal bool Raise(JobState job, long total)
    {
        var grown = total - job.Budget;
        if (grown <= 0)
            return true;
        if (!job.IsOver && grown > Deposits.GetValueOrDefault(job.Requester))
            return false;

        job.Budget = total;
        job.Escrow += grown;
        Deposits[job.Requester] = Deposits.GetValueOrDefault(job.Requester) - grown;
        GiveBack(job);
        return true;
    }

    /// <summary>An end of a claim that was made.</summary>
    internal bool End(JobState job, int worker, AssignmentEnd how, long activeMs, long unseenMs, long allowanceMs)
    {
        var submitted = how == AssignmentEnd.Submitted;
        var inside = Math.Min(activeMs, job.LimitMs);
        var credited = submitted
            ? inside + Math.Max(0, Math.Min(unseenMs, Math.Min(job.LimitMs - inside, allowanceMs)))
            : activeMs < 30_000 ? 0 : Math.Min(inside, allowanceMs);
        var pay = Math.Max(submitted ? job.Reward : 0, Up((BigInteger)Floor * credited, 3_600_000));
        var (fee, levy) = submitted ? (pay * 18 / 100, pay * 2 / 100) : (0, 0);

        job.Escrow -= pay + fee + levy;
        job.Ended++;
        Owed[worker] = Owed.GetValueOrDefault(worker) + pay;
        Fees += fee;
        Commons += levy;
        GiveBack(job);
        return job.Escrow >= 0;
    }

    internal bool Close(JobState job)
    {
        job.Closed = true;
        GiveBack(job);
        return true;
    }

    internal bool CashOut(int worker, long amount)
    {
        if (amount > Owed.GetValueOrDefault(worker))
            return false;
        Owed[worker] -= amount;
        InTransit[worker] = InTransit.GetValueOrDefault(worker) + amount;
        return true;
    }

    internal bool Resolve(int worker, long amount, bool arrived)
    {
        InTransit[worker] -= amount;
        if (arrived)
            Bank -= amount;
        else
            Owed[worker] += amount;
        return true;
    }

    private void GiveBack(JobState job)
    {
        if (!job.IsOver)
            return;
        Credit(job.Requester, job.Escrow);
        job.Escrow = 0;
    }

    private void Credit(int requester, long amount)
    {
        Deposits[requester] = Deposits.GetValueOrDefault(requester) + amount;
        Credited[requester] = Credited.GetValueOrDefault(requester) + amount;
    }

    private static long Charge(long pay) => pay + (pay * 18 / 100) + (pay * 2 / 100);

    private static long Up(BigInteger dividend, long divisor) => (long)((dividend + divisor - 1) / divisor);
}
