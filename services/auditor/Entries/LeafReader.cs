using System.Buffers.Binary;
using System.Text;

namespace Marketplace.Auditor.Entries;

/// <summary>Reads a leaf of version 1 or 2 as the log's specification has it, to the last byte.</summary>
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
        catch (DecoderFallbackException)
        {
            throw new FormatException("A text of the leaf is not UTF-8.");
        }
    }

    private void Read(Entry entry)
    {
        entry.Version = Byte();
        if (entry.Version is not (1 or 2))
            throw new FormatException($"The leaf's version is {entry.Version}; this auditor knows 1 and 2.");

        entry.Number = Long();
        entry.Batch = entry.Version == 1 ? entry.Number - 1 : Long();
        (entry.Kind, entry.At, entry.Currency) = (Name(), Long(), Name());
        var (first, second) = Hash(Bytes());
        entry.Key = new(first, second);
        var commitment = Bytes();
        entry.Commitment = commitment.Length == 0 ? null : Hash(commitment);
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
                entry.Pay = entry.Version == 1 ? PayWithTime() : Pay();
                break;
            case "policy-adopted":
                entry.Policy = entry.Version == 1 ? Policy() : PolicyLines.Read(Bytes());
                break;
            case "payout-issued" or "payout-settled" or "payout-failed" or "payout-returned":
                entry.Payout = Hash(Bytes()).First;
                break;
        }

        if (!_rest.IsEmpty)
            throw new FormatException("The leaf goes on after its last field.");
    }

    private PayFacts Pay()
    {
        var (end, terms, policy, reward, limit, reading) = (End(), Int(), Int(), Long(), Long(), Long());
        return new(end, terms, policy, reward, limit, reading, Long(), Long(), Long(), Long(), Long(), Long(), Long()) { TimeCommitment = Hash(Bytes()) };
    }

    private PayFacts PayWithTime()
    {
        var (end, terms, policy, reward, limit, reading) = (End(), Int(), Int(), Long(), Long(), Long());
        var time = new TimeFacts(Long(), Long(), Long(), Flag());
        return new(end, terms, policy, reward, limit, reading, Long(), Long(), Long(), Long(), Long(), Long(), Long()) { Time = time };
    }

    private string End() => Name() is var end && end is "submitted" or "returned" or "expired" or "broken"
        ? end
        : throw new FormatException("An assignment ends submitted, returned, expired or broken.");

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

    private static (UInt128 First, UInt128 Second) Hash(ReadOnlySpan<byte> hash) => hash.Length == 32
        ? (BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash[16..]))
        : throw new FormatException("A hash has 32 bytes.");

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

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal string this[ReadOnlySpan<byte> utf8]
    {
        get
        {
            Span<char> text = stackalloc char[256];
            if (utf8.Length > text.Length)
                return Strict.GetString(utf8);

            text = text[..Strict.GetChars(utf8, text)];
            if (_known.TryGetValue(text, out var known))
                return known;

            var added = text.ToString();
            _known[text] = added;
            return added;
        }
    }
}
