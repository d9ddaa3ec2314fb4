using Marketplace.Payment.Ledger;

namespace Marketplace.UnitTests.Ledger;

/// <summary>Entries to write down.</summary>
internal static class PublicEntries
{
    internal static readonly PayFacts Paid = new()
    {
        End = AssignmentEnd.Submitted,
        TermsVersion = 1,
        RewardMicros = 125_000,
        ActiveMs = 41_200,
        UnseenMs = 0,
        AllowanceLeftMs = 300_000,
        FirstOfJob = false,
        Facts = null,
        LimitMs = 150_000,
        ReadingMs = 12_000,
        CreditedMs = 41_200,
        FloorMicrosPerHour = 15_000_000,
        FeeBps = 1800,
        LevyBps = 200,
        PolicyVersion = 3,
        OwedMicros = 171_667,
        TopUpMicros = 46_667,
        PayMicros = 171_667,
        FeeMicros = 30_900,
        LevyMicros = 3_433,
    };

    internal static PublicEntry Assignment(string title = "Name the bird") => new()
    {
        Number = 431_498,
        Batch = null,
        Kind = EntryKind.AssignmentPaid,
        At = new DateTimeOffset(2026, 11, 19, 10, 0, 0, TimeSpan.Zero),
        Currency = "EUR",
        Key = new string('a', 64),
        JobId = Guid.Parse("01980000-0000-7000-8000-000000000001"),
        JobTitle = title,
        Corrects = null,
        Commitment = new string('c', 64),
        Payout = null,
        Postings =
        [
            Line("liabilities:job:01980000-0000-7000-8000-000000000001:escrow", AccountKind.Escrow, 206_000),
            Line("liabilities:workers:payable", AccountKind.Payable, -171_667, new string('c', 64)),
            Line("income:fees", AccountKind.Fees, -30_900),
            Line("liabilities:commons", AccountKind.Commons, -3_433),
        ],
        Pay = Paid,
        Policy = null,
    };

    internal static PublicEntry Policy() => Assignment() with
    {
        Number = 1,
        Kind = EntryKind.PolicyAdopted,
        JobId = null,
        JobTitle = null,
        Postings = [],
        Pay = null,
        Commitment = null,
        Policy = Facts(PayPolicy.Default(3, DateTimeOffset.UnixEpoch).ToEvent()),
    };

    private static PolicyFacts Facts(PayPolicyAdopted adopted) => new()
    {
        Version = adopted.Version,
        InForceFrom = adopted.InForceFrom,
        FloorMicrosPerHour = adopted.FloorMicrosPerHour,
        FeeBps = adopted.FeeBps,
        LevyBps = adopted.LevyBps,
        LimitLeastMs = adopted.LimitLeastMs,
        LimitFactor = adopted.LimitFactor,
        ReadingPerWordMs = adopted.ReadingPerWordMs,
        ReadingMostMs = adopted.ReadingMostMs,
        LeaseLeastMs = adopted.LeaseLeastMs,
        EarliestSubmitDivisor = adopted.EarliestSubmitDivisor,
        IdleLeastMs = adopted.IdleLeastMs,
        IdleMostMs = adopted.IdleMostMs,
        AllowanceBaseMs = adopted.AllowanceBaseMs,
        AllowanceShareBps = adopted.AllowanceShareBps,
        GraceMs = adopted.GraceMs,
        MostCreditedIn24hMs = adopted.MostCreditedIn24hMs,
        PriceSample = adopted.PriceSample,
        PriceWorkers = adopted.PriceWorkers,
        PriceBandBps = adopted.PriceBandBps,
        PriceStepBps = adopted.PriceStepBps,
        JobLifeMs = adopted.JobLifeMs,
    };

    private static PublicPosting Line(string account, string kind, long amount, string? commitment = null) =>
        new() { Account = account, AccountKind = kind, AmountMicros = amount, Commitment = commitment };
}
