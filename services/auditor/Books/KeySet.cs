namespace Marketplace.Auditor.Books;

/// <summary>
/// Numbers of eight bytes that were seen, in flat tables that are kept about two thirds to four fifths full: 10 to 13 bytes for each. That is
/// all the auditor's memory that grows with every entry.
/// </summary>
/// <param name="seed">Of this run alone, so that nobody can write a ledger whose keys all fall onto one place.</param>
internal sealed class KeySet(ulong seed)
{
    /// <summary>Each table grows by itself and by a quarter, so that a large set is never there twice.</summary>
    private const int Tables = 256;

    private readonly ulong[][] _tables = [.. Enumerable.Range(0, Tables).Select(_ => new ulong[16])];
    private readonly int[] _counts = new int[Tables];

    private readonly ulong _spread = seed | 1;
    private bool _hasZero;
    private int _grown;

    /// <summary>How many bytes its tables take.</summary>
    internal long Bytes => _tables.Sum(table => 8L * table.Length);

    /// <summary>Adds a number; false where it was there before.</summary>
    internal bool Add(ulong number)
    {
        // Zero marks a place that is free.
        if (number == 0)
            return !_hasZero && (_hasZero = true);

        var spread = unchecked(number * _spread);
        var table = (int)(spread >> 56);
        if (5 * _counts[table] >= 4 * _tables[table].Length)
            Grow(table);
        if (!Put(_tables[table], number, spread))
            return false;
        _counts[table]++;
        return true;
    }

    private static bool Put(ulong[] slots, ulong number, ulong spread)
    {
        // The bits below those that chose the table, as a share of its length.
        for (var at = (int)Math.BigMul(spread << 8, (ulong)slots.Length, out _); ; at = at + 1 == slots.Length ? 0 : at + 1)
        {
            if (slots[at] == number)
                return false;
            if (slots[at] != 0)
                continue;
            slots[at] = number;
            return true;
        }
    }

    private void Grow(int table)
    {
        var larger = new ulong[_tables[table].Length * 5 / 4];
        foreach (var number in _tables[table])
        {
            if (number != 0)
                Put(larger, number, unchecked(number * _spread));
        }

        _tables[table] = larger;

        // All tables grow at about the same time, and leave as much behind as they take: that is worth a few milliseconds, 30 times in a million.
        if (++_grown % Tables == 0)
            GC.Collect();
    }
}
