using Marketplace.Payment.Ledger;
using Marketplace.UnitTests.Ledger;

namespace Marketplace.UnitTests.Transparency;

/// <summary>The entries whose leaves are frozen in <c>leaves/</c>: one of every kind.</summary>
internal static class LeafEntries
{
    private const string Job = "01980000-0000-7000-8000-00000000000a";
    private const string Escrow = $"liabilities:job:{Job}:escrow";
    private const string Deposit = "liabilities:requester:01980000-0000-7000-8000-00000000000b:deposit";
    private const string Bank = "assets:bank:sandbox";
    private const string Payable = "liabilities:workers:payable";
    private const string InTransit = "liabilities:workers:in-transit";
    private static readonly DateTimeOffset At = new(2026, 3, 3, 9, 0, 0, TimeSpan.Zero);

    internal static readonly IReadOnlyDictionary<string, PublicEntry> All = new Dictionary<string, PublicEntry>
    {
        ["policy-adopted"] = Entry(1, "policy-adopted", 123) with
        {
            Policy = PublicEntries.Policy().Policy! with { Version = 1, InForceFrom = DateTimeOffset.UnixEpoch },
        },
        ["deposit"] = Entry(2, "deposit", 1000, (Bank, 3_000_000), (Deposit, -3_000_000)),
        ["job-funded"] = Entry(3, "job-funded", 2000, (Deposit, 3_000_000), (Escrow, -3_000_000)) with { JobId = Guid.Parse(Job) },
        ["assignment-paid"] = Paid(4, Submitted, (Escrow, 105_000), (Payable, -87_500), ("income:fees", -15_750), ("liabilities:commons", -1_750)),
        ["assignment-paid-nothing"] = Paid(5, Submitted with
        {
            End = AssignmentEnd.Expired,
            TermsVersion = 2,
            ActiveMs = 29_999,
            UnseenMs = 5_000,
            FirstOfJob = false,
            CreditedMs = 0,
            OwedMicros = 0,
            TopUpMicros = 0,
            PayMicros = 0,
            FeeMicros = 0,
            LevyMicros = 0,
        }),
        ["escrow-returned"] = Entry(6, "escrow-returned", 3000, (Escrow, 2_895_000), (Deposit, -2_895_000)) with { JobId = Guid.Parse(Job) },
        ["payout-issued"] = Payout(7, "payout-issued", 4000, (Payable, 80_000), (InTransit, -80_000)),
        ["payout-settled"] = Payout(8, "payout-settled", 5000, (InTransit, 80_000), (Bank, -80_000)),
        ["payout-failed"] = Payout(9, "payout-failed", 6000, (InTransit, 80_000), (Payable, -80_000)),
        ["payout-returned"] = Payout(10, "payout-returned", 7000, (Bank, 80_000), (Payable, -80_000)) with { Corrects = 8 },
    };

    private static PayFacts Submitted => PublicEntries.Paid with
    {
        RewardMicros = 37_500,
        LimitMs = 60_000,
        ReadingMs = 12_000,
        ActiveMs = 21_000,
        FirstOfJob = true,
        PolicyVersion = 1,
        CreditedMs = 21_000,
        OwedMicros = 87_500,
        TopUpMicros = 50_000,
        PayMicros = 87_500,
        FeeMicros = 15_750,
        LevyMicros = 1_750,
    };

    private static PublicEntry Paid(long number, PayFacts pay, params (string, long)[] postings) =>
        Entry(number, "assignment-paid", 0, postings) with { JobId = Guid.Parse(Job), Commitment = Worker(), Pay = pay };

    private static PublicEntry Payout(long number, string kind, int ms, params (string, long)[] postings) => Entry(number, kind, ms, postings) with
    {
        Commitment = Worker(),
        Payout = Convert.ToHexStringLower([.. Enumerable.Range(64, 32).Select(i => (byte)i)]),
    };

    private static string Worker() => Convert.ToHexStringLower([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    private static PublicEntry Entry(long number, string kind, int ms, params (string Account, long Amount)[] postings) => PublicEntries.Policy() with
    {
        Number = number,
        Kind = kind,
        At = At.AddMilliseconds(ms),
        Key = Convert.ToHexStringLower([.. Enumerable.Repeat((byte)number, 32)]),
        Policy = null,
        Postings = [.. postings.Select(p => new PublicPosting { Account = p.Account, AccountKind = "", AmountMicros = p.Amount, Commitment = null })],
    };
}
