namespace Marketplace.Auditor.Books;

/// <summary>
/// Keys that were seen, in one flat table: 16 bytes each and room to spare, which is all the memory that grows with the ledger.
/// A key is half of an HMAC, so that its own bits spread it over the table.
/// </summary>
internal sealed class KeySet
{
    private UInt128[] _slots = new UInt128[1024];
    private int _count;
    private bool _hasZero;

    /// <summary>Adds a key; false where it was there before.</summary>
    internal bool Add(UInt128 key)
    {
        // Zero marks a slot that is free.
        if (key == 0)
            return !_hasZero && (_hasZero = true);
        if (4L * _count >= 3L * _slots.Length)
            Grow();
        if (!Put(_slots, key))
            return false;
        _count++;
        return true;
    }

    private static bool Put(UInt128[] slots, UInt128 key)
    {
        var mask = slots.Length - 1;
        for (var at = (int)((ulong)key & (ulong)mask); ; at = (at + 1) & mask)
        {
            if (slots[at] == key)
                return false;
            if (slots[at] != 0)
                continue;
            slots[at] = key;
            return true;
        }
    }

    private void Grow()
    {
        var larger = new UInt128[2 * _slots.Length];
        foreach (var key in _slots)
        {
            if (key != 0)
                Put(larger, key);
        }

        _slots = larger;
    }
}
