namespace Marketplace.Auditor.Entries;

/// <summary>
/// A leaf's content: one entry of the ledger in its public form. Money in micro-units, times in ms, instants in Unix ms. An entry is
/// read into again and again, so that a million of them need the memory of a few hundred.
/// </summary>
internal sealed class Entry
{
    private (string Account, long Amount)[] _postings = new (string, long)[4];
    private int _count;

    /// <summary>Of the leaf: 1 or 2.</summary>
    internal byte Version { get; set; } = 1;

    internal long Number { get; set; }

    /// <summary>How many entries were public before those that became public together with it. Under version 1 each came by itself.</summary>
    internal long Batch { get; set; }

    internal string Kind { get; set; } = "";

    internal long At { get; set; }

    internal string Currency { get; set; } = "";

    /// <summary>The hidden key.</summary>
    internal EntryKey Key { get; set; }

    /// <summary>Of an entry about a worker.</summary>
    internal (UInt128 First, UInt128 Second)? Commitment { get; set; }

    internal long Corrects { get; set; }

    internal Guid? Job { get; set; }

    internal PayFacts? Pay { get; set; }

    internal PolicyFacts? Policy { get; set; }

    /// <summary>The first half of what all entries of one payout have in common.</summary>
    internal UInt128? Payout { get; set; }

    internal ReadOnlySpan<(string Account, long Amount)> Postings => _postings.AsSpan(0, _count);

    /// <summary>What changed hands: the sum of the debits.</summary>
    internal Int128 Debits
    {
        get
        {
            Int128 sum = 0;
            foreach (var (_, amount) in Postings)
                sum += Math.Max(0, amount);
            return sum;
        }
    }

    /// <summary>Makes room for so many postings, which the caller fills.</summary>
    internal Span<(string Account, long Amount)> Post(int count)
    {
        if (_postings.Length < count)
            _postings = new (string, long)[count];
        _count = count;
        return _postings.AsSpan(0, count);
    }

    /// <summary>What it moves on an account; 0 where it does not name it.</summary>
    internal long AmountOn(string account)
    {
        var sum = 0L;
        foreach (var posting in Postings)
        {
            if (posting.Account == account)
                sum += posting.Amount;
        }

        return sum;
    }
}

/// <summary>A hidden key, 32 bytes: an HMAC of what the entry is about.</summary>
internal readonly record struct EntryKey(UInt128 First, UInt128 Second)
{
    /// <summary>Its first eight bytes.</summary>
    internal ulong Beginning => (ulong)(First >> 64);

    /// <summary>Whether its bytes come after the other's.</summary>
    internal bool IsAfter(EntryKey other) => First > other.First || (First == other.First && Second > other.Second);
}

/// <summary>What an assignment's pay was computed from, as far as it is public, and what came out.</summary>
internal readonly record struct PayFacts(
    string End, int Terms, int Policy, long Reward, long Limit, long Reading, long Floor, long Credited, long Owed, long TopUp, long Pay, long Fee, long Levy)
{
    /// <summary>How the credited time followed, where the leaf itself says it: under version 1.</summary>
    internal TimeFacts? Time { get; init; }

    /// <summary>The commitment of those facts, where only the worker's receipt opens it: from version 2 on.</summary>
    internal (UInt128 First, UInt128 Second)? TimeCommitment { get; init; }
}

/// <summary>What the credited time followed from. How long the claim lasted is known from receipts alone.</summary>
internal readonly record struct TimeFacts(long Active, long Unseen, long AllowanceLeft, bool First, long? Wall = null);

/// <summary>The parameters of a pay policy that decide about money, as far as an auditor needs them.</summary>
internal sealed record PolicyFacts(int Version, long Floor, int FeeBps, int LevyBps, long Grace)
{
    /// <summary>All parameters by name; empty under version 1.</summary>
    internal IReadOnlyDictionary<string, string> Parameters { get; init; } = new Dictionary<string, string>();
}
