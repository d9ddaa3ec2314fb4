using System.Buffers.Binary;
using System.Text;

namespace Marketplace.Auditor.Entries;

/// <summary>Reads a leaf of version 1 as the log's specification has it, to the last byte.</summary>
internal ref struct LeafReader(ReadOnlySpan<byte> leaf, Names names)
{
    private ReadOnlySpan<byte> _rest = leaf;

    /// <summary>Reads the entry in a leaf.</summary>
    /// <exception cref="FormatException">A field is missing, wrong, or too much.</exception>
    internal static void Read(ReadOnlySpan<byte> leaf, Names names, Entry entry)
    {
        var reader = new LeafReader(leaf, names);
        try
        {
            reader.Read(entry);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new FormatException("The leaf ends in the middle of a field.");
        }
    }

    private void Read(Entry entry)
    {
        if (Byte() != 1)
            throw new FormatException("The leaf's version is not 1.");

        (entry.Number, entry.Kind, entry.At, entry.Currency) = (Long(), Name(), Long(), Name());
        var key = Bytes();
        entry.Key = new(Half(key), BinaryPrimitives.ReadUInt128BigEndian(key[16..]));
        var commitment = Bytes();
        entry.Commitment = commitment.Length == 0 ? null : (Half(commitment), BinaryPrimitives.ReadUInt128BigEndian(commitment[16..]));
        entry.Corrects = Long();
        var job = Bytes();
        if (job.Length is not (0 or 16))
            throw new FormatException("A job's id has 16 bytes.");
        entry.Job = job.Length == 0 ? null : new Guid(job, bigEndian: true);

        var postings = entry.Post(Count());
        for (var i = 0; i < postings.Length; i++)
            postings[i] = (Name(), Long());

        (entry.Pay, entry.Policy, entry.Payout) = (null, null, null);
        switch (entry.Kind)
        {
            case "assignment-paid":
                entry.Pay = Pay();
                break;
            case "policy-adopted":
                entry.Policy = Policy();
                break;
            case "payout-issued" or "payout-settled" or "payout-failed" or "payout-returned":
                entry.Payout = Half(Bytes());
                break;
        }

        if (!_rest.IsEmpty)
            throw new FormatException("The leaf goes on after its last field.");
    }

    private PayFacts Pay() => new(
        Name(), Int(), Int(), Long(), Long(), Long(), Long(), Long(), Long(), Flag(),
        Long(), Long(), Long(), Long(), Long(), Long(), Long());

    private PolicyFacts Policy()
    {
        var version = Int();
        Long();
        var floor = Long();
        var (fee, levy) = (Int(), Int());

        // Limits, reading, lease, earliest submit, idle limits, allowance: they bound what a claim offers, not what an end is paid.
        Take(8 + 4 + 8 + 8 + 8 + 4 + 8 + 8 + 8 + 4);
        var grace = Long();
        Take(8 + 4 + 4 + 4 + 4 + 8);
        return new(version, floor, fee, levy, grace);
    }

    private static UInt128 Half(ReadOnlySpan<byte> hash) =>
        hash.Length == 32 ? BinaryPrimitives.ReadUInt128BigEndian(hash) : throw new FormatException("A hash has 32 bytes.");

    private ReadOnlySpan<byte> Take(int count)
    {
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private byte Byte() => Take(1)[0];

    private bool Flag() => Byte() switch { 0 => false, 1 => true, _ => throw new FormatException("A yes or no is neither.") };

    private int Count() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));

    private int Int() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    private long Long() => BinaryPrimitives.ReadInt64BigEndian(Take(8));

    private ReadOnlySpan<byte> Bytes() => Take(Count());

    private string Name() => names[Bytes()];
}

/// <summary>Texts that come again and again, each held once. Not for use from several threads.</summary>
internal sealed class Names
{
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _known =
        new Dictionary<string, string>().GetAlternateLookup<ReadOnlySpan<char>>();

    internal string this[ReadOnlySpan<byte> utf8]
    {
        get
        {
            Span<char> text = stackalloc char[256];
            if (utf8.Length > text.Length)
                return Encoding.UTF8.GetString(utf8);

            text = text[..Encoding.UTF8.GetChars(utf8, text)];
            if (_known.TryGetValue(text, out var known))
                return known;

            var added = text.ToString();
            _known[text] = added;
            return added;
        }
    }
}
