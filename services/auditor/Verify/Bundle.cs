using System.Buffers.Binary;
using Marketplace.Auditor.Entries;
using Marketplace.Auditor.Log;

namespace Marketplace.Auditor.Verify;

/// <summary>
/// Up to 256 leaves in a row: their hashes end to end, and what they say. One is filled again and again, so that a large log needs
/// no more memory than a small one.
/// </summary>
internal sealed class Bundle
{
    private const int Most = LogClient.TileWidth;
    private readonly byte[] _hashes = new byte[Most * Rfc6962.Size];
    private readonly Entry[] _entries = [.. Enumerable.Range(0, Most).Select(_ => new Entry())];
    private readonly string?[] _faults = new string?[Most];
    private int _hashed;

    /// <summary>Hashes of the leaves that were there, end to end.</summary>
    internal Span<byte> Hashes => _hashes.AsSpan(0, _hashed * Rfc6962.Size);

    /// <summary>One for each leaf that was there; what stands in those that could not be read means nothing.</summary>
    internal ReadOnlySpan<Entry> Entries => _entries.AsSpan(0, _hashed);

    /// <summary>What is wrong with each of these leaves; null where it could be read.</summary>
    internal ReadOnlySpan<string?> Faults => _faults.AsSpan(0, _hashed);

    /// <summary>How many leaves were wanted and not there.</summary>
    internal int Missing { get; private set; }

    /// <summary>The root over all 256 leaves; null of a bundle that is not full.</summary>
    internal byte[]? Root { get; private set; }

    /// <summary>Reads a bundle (each leaf after its length in two bytes), of which <paramref name="width"/> leaves are wanted. The bytes are used up.</summary>
    internal void Fill(Span<byte> bytes, int width, Names names)
    {
        (_hashed, Missing, Root) = (0, 0, null);
        while (_hashed < width)
        {
            if (bytes.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(bytes) is var length && bytes.Length < 2 + length)
            {
                Missing = width - _hashed;
                return;
            }

            _faults[_hashed] = ReadEntry(bytes.Slice(2, length), names, _entries[_hashed]);

            // The length's last byte stands before the leaf, where RFC 6962 wants a zero: so the leaf is hashed where it is.
            bytes[1] = 0;
            Rfc6962.Hash(bytes.Slice(1, 1 + length), _hashes.AsSpan(_hashed * Rfc6962.Size, Rfc6962.Size));
            _hashed++;
            bytes = bytes[(2 + length)..];
        }

        if (width == Most)
            Root = Rfc6962.RootOf([.. Hashes]);
    }

    private static string? ReadEntry(ReadOnlySpan<byte> leaf, Names names, Entry entry)
    {
        try
        {
            LeafReader.Read(leaf, names, entry);
            return null;
        }
        catch (FormatException e)
        {
            return $"its leaf cannot be read. {e.Message}";
        }
    }
}
