using Marketplace.Contracts;

namespace Marketplace.Payment.Settlement;

/// <summary>What of a job's measure may be told where too few people are behind it, or behind what is new in it.</summary>
internal static class ToldOfAJob
{
    /// <summary>Sums of money only: of fewer than five people, anything more is one person's time.</summary>
    internal static JobMeasured MoneyAlone(this JobMeasured of) => of with
    {
        MoneyOnly = true,
        Returned = 0,
        Expired = 0,
        Broken = 0,
        CreditedMs = 0,
        CreditedQuartilesMs = [],
        MeasuredMs = null,
        HourlyQuartilesMicros = [],
        HourlyLowestMicros = null,
        HourlyHistogram = [],
        HourlyGroups = [],
    };

    /// <summary>A measure from before, with the sums of money of a later one, whose version and end it takes.</summary>
    internal static JobMeasured WithMoneyOf(this JobMeasured before, JobMeasured later) => before with
    {
        Version = later.Version,
        Finished = later.Finished,
        PaidSubmittedMicros = later.PaidSubmittedMicros,
        PaidUnsubmittedMicros = later.PaidUnsubmittedMicros,
        TopUpMicros = later.TopUpMicros,
        FeeMicros = later.FeeMicros,
        LevyMicros = later.LevyMicros,
        EscrowMicros = later.EscrowMicros,
    };
}
