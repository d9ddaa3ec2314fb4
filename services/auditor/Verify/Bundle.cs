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
    private int _hashed;
    private int _read;

    /// <summary>Hashes of the leaves that were there, end to end.</summary>
    internal Span<byte> Hashes => _hashes.AsSpan(0, _hashed * Rfc6962.Size);

    /// <summary>The entries up to the first leaf that could not be read.</summary>
    internal ReadOnlySpan<Entry> Entries => _entries.AsSpan(0, _read);

    /// <summary>The root over all 256 leaves; null of a bundle that is not full.</summary>
    internal byte[]? Root { get; private set; }

    /// <summary>What is wrong with the leaf after the last entry; null where nothing is.</summary>
    internal string? Fault { get; private set; }

    /// <summary>Reads a bundle (each leaf after its length in two bytes), of which <paramref name="width"/> leaves are wanted. The bytes are used up.</summary>
    internal void Fill(Span<byte> bytes, int width, Names names)
    {
        (_hashed, _read, Fault, Root) = (0, 0, null, null);
        while (_hashed < width)
        {
            if (bytes.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(bytes) is var length && bytes.Length < 2 + length)
            {
                Fault ??= "it is missing from the log's bundle of leaves";
                return;
            }

            if (Fault is null)
                ReadEntry(bytes.Slice(2, length), names);

            // The length's last byte stands before the leaf, where RFC 6962 wants a zero: so the leaf is hashed where it is.
            bytes[1] = 0;
            Rfc6962.Hash(bytes.Slice(1, 1 + length), _hashes.AsSpan(_hashed * Rfc6962.Size, Rfc6962.Size));
            _hashed++;
            bytes = bytes[(2 + length)..];
        }

        if (width == Most)
            Root = Rfc6962.RootOf([.. Hashes]);
    }

    private void ReadEntry(ReadOnlySpan<byte> leaf, Names names)
    {
        try
        {
            LeafReader.Read(leaf, names, _entries[_read]);
            _read++;
        }
        catch (FormatException e)
        {
            Fault = e.Message;
        }
    }
}
