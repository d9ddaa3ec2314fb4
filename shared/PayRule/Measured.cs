using Marketplace.Contracts;

namespace Marketplace.PayRule;

/// <summary>
/// The time that a job's answers really take: the lower median over workers of each worker's lower median credited time on
/// submitted answers. So each worker has one voice, however many answers, and slow answers by a few move nothing.
/// </summary>
public static class Measured
{
    /// <summary>The measured time, or null before the policy's price sample (20 answers by 8 people by default).</summary>
    /// <param name="policy">The job's policy.</param>
    /// <param name="submitted">Worker and credited time of each submitted answer.</param>
    public static Duration? Of(PayPolicy policy, IEnumerable<(Guid Worker, Duration Credited)> submitted)
    {
        var byWorker = submitted.ToLookup(answer => answer.Worker, answer => answer.Credited);
        if (byWorker.Count < policy.PriceWorkers || byWorker.Sum(worker => worker.Count()) < policy.PriceSample)
            return null;
        return LowerMedian(byWorker.Select(LowerMedian));
    }

    /// <summary>The middle value, of an even number the lower of the two; SQL's <c>percentile_disc(0.5)</c>. At least one value.</summary>
    public static Duration LowerMedian(IEnumerable<Duration> values) => new(Quartile([.. values.Select(v => v.Ms).Order()], 2));

    /// <summary>A quartile as one of the values: the smallest that at least a quarter, half or three quarters are not above; SQL's <c>percentile_disc</c>.</summary>
    /// <param name="sorted">Ascending; at least one value.</param>
    /// <param name="quarter">1, 2 or 3.</param>
    public static long Quartile(IReadOnlyList<long> sorted, int quarter) =>
        sorted[(int)(((long)sorted.Count * quarter + 3) / 4) - 1];
}
