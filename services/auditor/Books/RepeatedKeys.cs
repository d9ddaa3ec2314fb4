using Marketplace.Auditor.Entries;

namespace Marketplace.Auditor.Books;

/// <summary>
/// Finds keys that come twice, in two passes, so that eight bytes of each are enough to remember. Keys that are the same begin alike; keys
/// that begin alike need not be the same. So the first pass misses none, and only what it suspects is compared as a whole in a second,
/// which an honest ledger hardly ever needs: of ten million keys two begin alike by chance once in 370,000 ledgers.
/// </summary>
/// <param name="seed">By chance, for every run another.</param>
internal sealed class RepeatedKeys(ulong seed)
{
    private readonly KeySet _beginnings = new(seed);
    private readonly Dictionary<ulong, HashSet<EntryKey>> _alike = [];

    /// <summary>Whether any two keys of the first pass begin alike, so that a second must compare them.</summary>
    internal bool MustCompare => _alike.Count > 0;

    /// <summary>The first pass: every key, once for each entry.</summary>
    internal void Suspect(EntryKey key)
    {
        if (!_beginnings.Add(key.Beginning))
            _alike.TryAdd(key.Beginning, []);
    }

    /// <summary>The second pass, over the same keys in the same order: whether this one came before.</summary>
    internal bool CameBefore(EntryKey key) => _alike.TryGetValue(key.Beginning, out var same) && !same.Add(key);
}
