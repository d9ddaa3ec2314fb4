namespace Marketplace.Auditor.Entries;

/// <summary>A leaf's content: one entry of the ledger in its public form. Money in micro-units, times in ms, instants in Unix ms.</summary>
internal sealed class Entry
{
    internal long Number;
    internal string Kind = "";
    internal long At;
    internal string Currency = "";

    /// <summary>The first half of the hidden key: enough to find the same one twice.</summary>
    internal UInt128 Key;
    internal byte[] Commitment = [];
    internal long Corrects;
    internal Guid? Job;
    internal (string Account, long Amount)[] Postings = [];
    internal PayFacts? Pay;
    internal PolicyFacts? Policy;
    internal UInt128? Payout;
}

/// <summary>What an assignment's pay was computed from, and what came out.</summary>
internal sealed record PayFacts(
    string End, int Terms, int Policy, long Reward, long Limit, long Reading, long Active, long Unseen, long AllowanceLeft, bool First,
    long Floor, long Credited, long Owed, long TopUp, long Pay, long Fee, long Levy);

/// <summary>The parameters of a pay policy that decide about money, as far as an auditor needs them.</summary>
internal sealed record PolicyFacts(int Version, long Floor, int FeeBps, int LevyBps, long Grace);
