using Marketplace.Auditor.Entries;

namespace Marketplace.Auditor.Books;

/// <summary>
/// How entries become public: under version 2 several together, in the order of their public keys, which says nothing of when they were
/// written; under version 1 each by itself. So what an entry refers to is looked for at the end of its batch.
/// </summary>
internal sealed class BatchOrder
{
    /// <summary>What is booked between two steps is cut into batches of no more than this.</summary>
    internal const int Most = 100_000;

    private byte _version = 1;
    private long _batch = -1;
    private EntryKey? _key;
    private int _count;
    private bool _lost;

    /// <summary>The next entry: whether it begins a batch, and what is wrong with its place in it, or null.</summary>
    internal (bool Begins, string? Fault) Take(Entry entry)
    {
        var (version, key, lost, begins) = (_version, _key, _lost, entry.Batch != _batch || _count == Most);
        (_version, _batch, _key, _lost) = (Math.Max(version, entry.Version), entry.Batch, entry.Key, false);
        _count = begins ? 1 : _count + 1;
        return (begins, entry switch
        {
            { Version: 1 } => version > 1 ? "its leaf is of version 1, after one of version 2" : null,
            _ when begins => entry.Batch == entry.Number - 1 || (lost && entry.Batch < entry.Number)
                ? null
                : $"it names {entry.Batch} entries before its batch, which is neither what the entry before it names nor all before it",
            _ => key is not { } before || entry.Key.IsAfter(before) ? null : "its key does not come after that of the entry before it in its batch",
        });
    }

    /// <summary>An entry that could not be read: nothing is known of its key and batch.</summary>
    internal void Lose() => (_key, _lost) = (null, true);
}
