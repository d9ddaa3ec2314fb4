using Marketplace.Auditor.Books;
using Marketplace.Auditor.Entries;
using Audited = Marketplace.Auditor.Books.Books;

namespace Marketplace.UnitTests.Books;

/// <summary>The auditor's rules: an honest ledger breaks none, and each way to cheat breaks the one that is about it.</summary>
public sealed class BooksTests
{
    private const string Bank = "assets:bank:sandbox";
    private const string Deposit = "liabilities:requester:b:deposit";
    private const string Escrow = "liabilities:job:a:escrow";
    private const string Payable = "liabilities:workers:payable";
    private const string InTransit = "liabilities:workers:in-transit";

    private static readonly PayFacts Pay = new(
        "submitted", 1, 1, 37_500, 60_000, 12_000, 15_000_000, 21_000, 87_500, 50_000, 87_500, 15_750, 1_750)
    {
        Time = new(21_000, 0, 300_000, First: false),
    };

    [Fact]
    public void An_honest_ledger_breaks_no_rule()
    {
        var books = Read(Honest());
        Assert.Empty(books.Findings);
        Assert.Equal((9, 1, 1, 2), (books.Entries, books.Assignments, books.Policies, books.PayoutsSeen));
        Assert.Equal(15_000_000, books.LowestHourly);
    }

    public static TheoryData<string, string> Frauds => new()
    {
        { "an amount is edited", "Entry 2: it does not balance: debits and credits differ by -1 micro-units" },
        { "an entry is deleted", "Entry 3: it carries number 4: an entry is missing, or two were swapped" },
        { "two entries are swapped", "Entry 4: it carries number 5: an entry is missing, or two were swapped" },
        { "a key comes again", "Entry 5: its key was used before: something was booked twice" },
        { "an entry is dated back", "Entry 5: it is dated before the entry in front of it" },
        { "an entry is in another currency", "Entry 3: it is in USD, and the ledger is kept in EUR" },
        { "an entry moves what its kind does not", "Entry 3: a job-funded does not move -3000000 micro-units on income:fees" },
        { "an entry is of no kind", "Entry 3: 'gift' is no kind of entry" },
        { "a deposit is overdrawn", "Entry 3: liabilities:requester:b:deposit is overdrawn by 2.000000" },
        { "a policy is edited", "Entry 10: pay policy 1 was adopted before: a policy is never edited" },
        { "a pay is one micro-unit under the floor", "Entry 4: it pays 87499 micro-units and is 1 under the floor, which owes 87500" },
        { "a second is cut", "Entry 4: it credits 20000 ms where the rule credits 21000 ms: 1000 ms were cut without a reason" },
        { "another floor is used", "Entry 4: it uses a floor of 14999999 micro-units an hour; pay policy 1 has 15000000" },
        { "a fee is rounded up", "Entry 4: fee and levy are 15751 and 1750 and should be 15750 and 1750" },
        { "a policy is named that is none", "Entry 4: it names pay policy 2, which no entry before it adopts" },
        { "another amount is paid than was computed", "Entry 4: its postings move other amounts than the pay, fee and levy that it computes" },
        { "a pay is nobody's", "Entry 4: it is about a worker and has no commitment" },
        { "a time is negative", "Entry 4: a time or amount that it was computed from is negative" },
        { "too much is credited", "Entry 4: it credits 72001 ms where the rule credits 21000 ms" },
        { "a correction is of nothing", "Entry 7: it corrects entry 8, which is none that was public with it or before" },
        { "a payout is settled twice", "Entry 10: a payout-settled after payout-settled is no life of a payout" },
        { "a payout fails after it was settled", "Entry 10: a payout-failed after payout-settled is no life of a payout" },
        { "a payout returns that was not settled", "Entry 6: a payout-returned after payout-issued is no life of a payout" },
        { "a payout is settled that was never issued", "Entry 10: a payout-settled of a payout that was never issued" },
        { "a payout settles at another amount", "Entry 6: it moves 40000 micro-units of a payout of 50000" },
        { "an escrow was short", "0.010000 were missing in escrow: the shortfall account must be 0" },
        { "the bank does not cover what is owed", "deposits, escrows and payables are 3.000000, and the bank accounts hold only 2.900000" },
    };

    [Theory, MemberData(nameof(Frauds))]
    public void Each_way_to_cheat_is_found_and_named(string fraud, string finding)
    {
        var entries = Honest();
        Commit(fraud, entries);
        Assert.Contains(finding, Read(entries).Findings.Select(f => f.ToString()));
    }

    [Fact]
    public void Between_two_postings_of_one_entry_an_account_may_stand_anywhere()
    {
        var entries = Honest();
        Set(entries[2], (Deposit, 4_000_000), (Deposit, -1_000_000), (Escrow, -3_000_000));
        Assert.True(Read(entries).Holds(Rule.NothingIsOverdrawn));
    }

    [Fact]
    public void Of_a_rule_that_every_entry_breaks_a_few_are_told_and_all_are_counted()
    {
        var entries = Enumerable.Range(0, 500).Select(i => Entry(i + 2, "policy-adopted")).ToList();
        var books = Read(entries);
        Assert.Equal(500, books.Broken(Rule.EntriesAreWhole));
        Assert.Equal(10, books.Findings.Count);
    }

    private static void Commit(string fraud, List<Entry> entries)
    {
        switch (fraud)
        {
            case "an amount is edited": Set(entries[1], (Bank, 2_999_999), (Deposit, -3_000_000)); break;
            case "an entry is deleted": entries.RemoveAt(2); break;
            case "two entries are swapped": (entries[3], entries[4]) = (entries[4], entries[3]); break;
            case "a key comes again": entries[4].Key = entries[1].Key; break;
            case "an entry is dated back": entries[4].At -= 3_700_000; break;
            case "an entry is in another currency": entries[2].Currency = "USD"; break;
            case "an entry moves what its kind does not": Set(entries[2], (Deposit, 3_000_000), ("income:fees", -3_000_000)); break;
            case "an entry is of no kind": entries[2].Kind = "gift"; break;
            case "a deposit is overdrawn": Set(entries[2], (Deposit, 5_000_000), (Escrow, -5_000_000)); break;
            case "a policy is edited": entries.Add(Adopted(10)); break;
            case "a pay is one micro-unit under the floor": entries[3].Pay = Pay with { Pay = 87_499, TopUp = 49_999 }; break;
            case "a second is cut": entries[3].Pay = Pay with { Credited = 20_000 }; break;
            case "too much is credited": entries[3].Pay = Pay with { Credited = 72_001 }; break;
            case "a correction is of nothing": entries[6].Corrects = 8; break;
            case "another floor is used": entries[3].Pay = Pay with { Floor = 14_999_999 }; break;
            case "a fee is rounded up": entries[3].Pay = Pay with { Fee = 15_751 }; break;
            case "a policy is named that is none": entries[3].Pay = Pay with { Policy = 2 }; break;
            case "another amount is paid than was computed": Set(entries[3], (Escrow, 105_000), (Payable, -87_000), ("income:fees", -16_250), ("liabilities:commons", -1_750)); break;
            case "a pay is nobody's": entries[3].Commitment = null; break;
            case "a time is negative": entries[3].Pay = Pay with { Time = new(21_000, -1, 300_000, First: false) }; break;
            case "a payout is settled twice": entries.Add(Payout(10, "payout-settled", 2, (InTransit, 10_000), (Bank, -10_000))); break;
            case "a payout fails after it was settled": entries.Add(Payout(10, "payout-failed", 2, (InTransit, 10_000), (Payable, -10_000))); break;
            case "a payout returns that was not settled": entries[5].Kind = "payout-returned"; break;
            case "a payout is settled that was never issued": entries.Add(Payout(10, "payout-settled", 3, (InTransit, 10_000), (Bank, -10_000))); break;
            case "a payout settles at another amount": Set(entries[5], (InTransit, 40_000), (Bank, -40_000)); break;
            case "an escrow was short": Set(entries[3], (Escrow, 95_000), ("expenses:shortfall", 10_000), (Payable, -87_500), ("income:fees", -15_750), ("liabilities:commons", -1_750)); break;
            case "the bank does not cover what is owed": Set(entries[1], (Bank, 2_900_000), ("expenses:shortfall", 100_000), (Deposit, -3_000_000)); entries.RemoveRange(2, 7); break;
            default: throw new ArgumentOutOfRangeException(nameof(fraud), fraud, "is not committed here");
        }
    }

    /// <summary>A policy, money in, a job, a pay, and two payouts: one that comes back and one that stays.</summary>
    private static List<Entry> Honest()
    {
        var paid = Entry(4, "assignment-paid", (Escrow, 105_000), (Payable, -87_500), ("income:fees", -15_750), ("liabilities:commons", -1_750));
        (paid.Pay, paid.Commitment) = (Pay, (1, 2));
        return
        [
            Adopted(1),
            Entry(2, "deposit", (Bank, 3_000_000), (Deposit, -3_000_000)),
            Entry(3, "job-funded", (Deposit, 3_000_000), (Escrow, -3_000_000)),
            paid,
            Payout(5, "payout-issued", 1, (Payable, 50_000), (InTransit, -50_000)),
            Payout(6, "payout-settled", 1, (InTransit, 50_000), (Bank, -50_000)),
            Payout(7, "payout-returned", 1, (Bank, 50_000), (Payable, -50_000)),
            Payout(8, "payout-issued", 2, (Payable, 10_000), (InTransit, -10_000)),
            Payout(9, "payout-settled", 2, (InTransit, 10_000), (Bank, -10_000)),
        ];
    }

    private static Audited Read(List<Entry> entries)
    {
        var books = new Audited(seed: 7);
        foreach (var entry in entries)
            books.Take(entry);
        foreach (var entry in books.MustCompareKeys ? entries : [])
            books.CompareKey(entry);
        books.Close();
        return books;
    }

    private static Entry Adopted(long number)
    {
        var entry = Entry(number, "policy-adopted");
        entry.Policy = new PolicyFacts(1, 15_000_000, 1800, 200, 30_000);
        return entry;
    }

    private static Entry Payout(long number, string kind, int payout, params (string, long)[] postings)
    {
        var entry = Entry(number, kind, postings);
        (entry.Payout, entry.Commitment) = ((UInt128)payout, (3, 4));
        return entry;
    }

    private static Entry Entry(long number, string kind, params (string, long)[] postings)
    {
        var entry = new Entry { Number = number, Batch = number - 1, Kind = kind, At = 1_772_528_400_000 + number, Currency = "EUR", Key = new((UInt128)number << 64, (UInt128)number) };
        Set(entry, postings);
        return entry;
    }

    private static void Set(Entry entry, params (string, long)[] postings) => postings.CopyTo(entry.Post(postings.Length));
}
