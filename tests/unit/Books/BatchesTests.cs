using Marketplace.Auditor.Books;
using Marketplace.Auditor.Entries;
using Audited = Marketplace.Auditor.Books.Books;

namespace Marketplace.UnitTests.Books;

/// <summary>Entries of version 2, which become public together in the order of their keys: a set, in which accounts and references hold at the end.</summary>
public sealed class BatchesTests
{
    private const string Bank = "assets:bank:sandbox";
    private const string Deposit = "liabilities:requester:b:deposit";
    private const string Escrow = "liabilities:job:a:escrow";
    private const string Payable = "liabilities:workers:payable";
    private const string InTransit = "liabilities:workers:in-transit";
    private const long Day = 1_772_496_000_000;
    private const long Hour = Day + (9 * 3_600_000);

    private static readonly PayFacts Pay = new("submitted", 1, 1, 37_500, 60_000, 12_000, 15_000_000, 21_000, 87_500, 50_000, 87_500, 15_750, 1_750)
    {
        TimeCommitment = (5, 6),
    };

    [Fact]
    public void What_became_public_together_is_a_set()
    {
        var books = Read(Honest());
        Assert.Empty(books.Findings);
        Assert.Equal((8, 1, 1, 1), (books.Entries, books.Assignments, books.Policies, books.PayoutsSeen));
    }

    [Fact]
    public void A_ledger_that_began_with_version_1_goes_on_with_2()
    {
        List<Entry> entries = [Old(1), Old(2), .. Honest(before: 2)];
        Assert.Empty(Read(entries).Findings);
    }

    public static TheoryData<string, string> Frauds => new()
    {
        { "keys are out of order", "Entry 3: its key does not come after that of the entry before it in its batch" },
        { "a key comes again beside itself", "Entry 3: its key does not come after that of the entry before it in its batch" },
        { "a key comes again in a later batch", "Entry 6: its key was used before: something was booked twice" },
        { "a batch begins in the middle", "Entry 3: it names 1 entries before its batch, which is neither what the entry before it names nor all before it" },
        { "a batch is one too late", "Entry 6: it names 6 entries before its batch, which is neither what the entry before it names nor all before it" },
        { "version 1 comes after 2", "Entry 6: its leaf is of version 1, after one of version 2" },
        { "an entry tells its second", "Entry 2: it tells more of its time than the hour" },
        { "a payout tells its hour", "Entry 6: it tells more of its time than the day" },
        { "a batch is dated back", "Entry 6: it is dated before the entry in front of it" },
        { "more is credited than can be", "Entry 1: it credits 72001 ms of at most 72000 ms" },
        { "a credited time is negative", "Entry 1: it credits -1 ms of at most 72000 ms" },
        { "a pay is one micro-unit under the floor", "Entry 1: it pays 87499 micro-units and is 1 under the floor, which owes 87500" },
        { "a top-up is left out", "Entry 1: owed, top-up and pay are 87500, 49999, 87500 and should be 87500, 50000, 87500" },
        { "a levy is rounded up", "Entry 1: fee and levy are 15750 and 1751 and should be 15750 and 1750" },
        { "another floor is used", "Entry 1: it uses a floor of 14999999 micro-units an hour; pay policy 1 has 15000000" },
        { "a policy is named that is none", "Entry 1: it names pay policy 2, which no entry before it adopts" },
        { "a policy is adopted too late", "Entry 1: it names pay policy 1, which no entry before it adopts" },
        { "a policy is edited", "Entry 6: pay policy 1 was adopted before: a policy is never edited" },
        { "an account is overdrawn at the end of a batch", "Entry 5: liabilities:requester:b:deposit is overdrawn by 1.000000" },
        { "a payout is settled that was never issued", "Entry 7: a payout-settled of a payout that was never issued" },
        { "a payout settles and fails", "Entry 7: a payout-settled after payout-failed is no life of a payout" },
        { "a correction is of what comes later", "Entry 1: it corrects entry 6, which is none that was public with it or before" },
        { "a correction is of itself", "Entry 1: it corrects entry 1, which is none that was public with it or before" },
        { "a leaf cannot be read", "Entry 3: its leaf cannot be read." },
    };

    [Theory, MemberData(nameof(Frauds))]
    public void Each_way_to_cheat_is_found_and_named(string fraud, string finding)
    {
        var entries = Honest();
        Commit(fraud, entries);
        Assert.Contains(finding, Read(entries, unreadable: fraud == "a leaf cannot be read" ? 3 : 0).Findings.Select(f => f.ToString()));
    }

    [Fact]
    public void A_batch_that_never_ends_is_cut()
    {
        var order = new BatchOrder();
        var entry = new Entry { Version = 2 };
        for (var number = 1; number <= BatchOrder.Most; number++)
        {
            (entry.Number, entry.Key) = (number, new(0, (UInt128)number));
            Assert.Null(order.Take(entry).Fault);
        }

        (entry.Number, entry.Key) = (BatchOrder.Most + 1, new(1, 0));
        var (begins, fault) = order.Take(entry);
        Assert.True(begins);
        Assert.StartsWith("it names 0 entries before its batch", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void After_a_leaf_that_cannot_be_read_the_rest_is_held_to_its_own_rules_alone()
    {
        var findings = Read(Honest(), unreadable: 7).Findings.Where(f => f.Rule == Rule.EntriesAreWhole).ToList();
        Assert.Equal(7, Assert.Single(findings).Number);
    }

    private static void Commit(string fraud, List<Entry> entries)
    {
        switch (fraud)
        {
            case "keys are out of order": (entries[1].Key, entries[2].Key) = (entries[2].Key, entries[1].Key); break;
            case "a key comes again beside itself": entries[2].Key = entries[1].Key; break;
            case "a key comes again in a later batch": entries[5].Key = entries[1].Key; break;
            case "a batch begins in the middle": entries[2].Batch = 1; break;
            case "a batch is one too late": entries[5].Batch = 6; break;
            case "version 1 comes after 2": entries[5].Version = 1; break;
            case "an entry tells its second": entries[1].At += 1_000; break;
            case "a payout tells its hour": entries[5].At += 3_600_000; break;
            case "a batch is dated back": entries[5].At -= 24 * 3_600_000; break;
            case "more is credited than can be": entries[0].Pay = Pay with { Credited = 72_001 }; break;
            case "a credited time is negative": entries[0].Pay = Pay with { Credited = -1 }; break;
            case "a pay is one micro-unit under the floor": entries[0].Pay = Pay with { Pay = 87_499, TopUp = 49_999 }; break;
            case "a top-up is left out": entries[0].Pay = Pay with { TopUp = 49_999 }; break;
            case "a levy is rounded up": entries[0].Pay = Pay with { Levy = 1_751 }; break;
            case "another floor is used": entries[0].Pay = Pay with { Floor = 14_999_999 }; break;
            case "a policy is named that is none": entries[0].Pay = Pay with { Policy = 2 }; break;
            case "a policy is adopted too late": entries[4].Policy = entries[4].Policy! with { Version = 2 }; entries.Add(Adopted(9, batch: 8)); break;
            case "a policy is edited": entries[5] = Adopted(6, batch: 5); break;
            case "an account is overdrawn at the end of a batch": Set(entries[2], (Bank, 2_000_000), (Deposit, -2_000_000)); break;
            case "a payout is settled that was never issued": entries[6].Payout = 8; break;
            case "a payout settles and fails": Set(entries[5], (InTransit, 50_000), (Payable, -50_000)); entries[5].Kind = "payout-failed"; break;
            case "a correction is of what comes later": entries[0].Corrects = 6; break;
            case "a correction is of itself": entries[0].Corrects = 1; break;
            case "a leaf cannot be read": break;
            default: throw new ArgumentOutOfRangeException(nameof(fraud), fraud, "is not committed here");
        }
    }

    /// <summary>Five entries that needed one another in another order than that of their keys, and then a payout whose steps stand the wrong way round.</summary>
    private static List<Entry> Honest(int before = 0)
    {
        var paid = Entry(1, 0, "assignment-paid", Hour, (Escrow, 105_000), (Payable, -87_500), ("income:fees", -15_750), ("liabilities:commons", -1_750));
        (paid.Pay, paid.Commitment) = (Pay, (1, 2));
        List<Entry> entries =
        [
            paid,
            Entry(2, 0, "job-funded", Hour, (Deposit, 3_000_000), (Escrow, -3_000_000)),
            Entry(3, 0, "deposit", Hour, (Bank, 3_000_000), (Deposit, -3_000_000)),
            Payout(4, 0, "payout-issued", 1, (Payable, 50_000), (InTransit, -50_000)),
            Adopted(5, batch: 0),
            Payout(6, 5, "payout-returned", 1, (Bank, 50_000), (Payable, -50_000)),
            Payout(7, 5, "payout-settled", 1, (InTransit, 50_000), (Bank, -50_000)),
            Entry(8, 7, "escrow-returned", Hour + 3_600_000, (Escrow, 2_895_000), (Deposit, -2_895_000)),
        ];
        foreach (var entry in entries)
            (entry.Number, entry.Batch) = (entry.Number + before, entry.Batch + before);
        return entries;
    }

    private static Audited Read(List<Entry> entries, int unreadable = 0)
    {
        var books = new Audited(seed: 7);
        for (var i = 0; i < entries.Count; i++)
        {
            if (i + 1 == unreadable)
                books.TakeUnreadable("its leaf cannot be read.");
            else
                books.Take(entries[i]);
        }

        foreach (var entry in books.MustCompareKeys ? entries : [])
            books.CompareKey(entry);
        books.Close();
        return books;
    }

    private static Entry Old(long number) => new()
    {
        Number = number,
        Batch = number - 1,
        Kind = "deposit",
        At = Hour + number,
        Currency = "EUR",
        Key = new(UInt128.MaxValue - (UInt128)number, 0),
    };

    private static Entry Adopted(long number, long batch)
    {
        var entry = Entry(number, batch, "policy-adopted", Hour);
        entry.Policy = new PolicyFacts(1, 15_000_000, 1800, 200, 30_000);
        return entry;
    }

    private static Entry Payout(long number, long batch, string kind, int payout, params (string, long)[] postings)
    {
        var entry = Entry(number, batch, kind, Day, postings);
        (entry.Payout, entry.Commitment) = ((UInt128)payout, (3, 4));
        return entry;
    }

    private static Entry Entry(long number, long batch, string kind, long at, params (string, long)[] postings)
    {
        var entry = new Entry { Version = 2, Number = number, Batch = batch, Kind = kind, At = at, Currency = "EUR", Key = new((UInt128)number << 64, (UInt128)number) };
        Set(entry, postings);
        return entry;
    }

    private static void Set(Entry entry, params (string, long)[] postings) => postings.CopyTo(entry.Post(postings.Length));
}
