using System.Buffers.Binary;

namespace Marketplace.Requester.Tasks;

/// <summary>
/// Counts the files of a zip before anything is made of them: the list of a small zip can name millions, and each would cost memory. Both places that say how many
/// there are may lie, so the list itself is walked (APPNOTE 6.3.10, 4.3.12 and 4.3.16).
/// </summary>
internal static class CountZipFiles
{
    private const int EndLength = 22;
    private const int EntryLength = 46;
    private const uint EndMark = 0x06054b50;
    private const uint EntryMark = 0x02014b50;

    /// <summary>How many files the list at the end of the zip names, counted up to one more than <paramref name="most"/>; null where there is no such list.</summary>
    internal static async Task<int?> Run(Stream zip, int most, CancellationToken cancel)
    {
        if (await FindList(zip, cancel) is not { } at)
            return null;

        zip.Position = at;
        var list = new BufferedStream(zip, 64 * 1024); // Not disposed: the file behind it is needed.
        var header = new byte[EntryLength];
        var count = 0;
        while (count <= most && await list.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancel) == header.Length
            && BinaryPrimitives.ReadUInt32LittleEndian(header) == EntryMark)
        {
            count++;
            var rest = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(28)) + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(30)) + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(32));
            await Skip(list, rest, cancel);
        }

        return count;
    }

    /// <summary>Where the list begins, as the record after it says: the last in the file that has its mark, as readers of zips find it.</summary>
    private static async Task<long?> FindList(Stream zip, CancellationToken cancel)
    {
        var tail = new byte[Math.Min(zip.Length, EndLength + ushort.MaxValue)];
        zip.Position = zip.Length - tail.Length;
        await zip.ReadExactlyAsync(tail, cancel);
        for (var at = tail.Length - EndLength; at >= 0; at--)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at)) != EndMark)
                continue;

            // All ones: the place is in a record of zip64, which no zip of this size needs.
            var place = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 16));
            return place < zip.Length ? place : null;
        }

        return null;
    }

    private static async Task Skip(Stream list, int bytes, CancellationToken cancel)
    {
        var past = new byte[Math.Min(bytes, 4096)];
        while (bytes > 0 && await list.ReadAsync(past.AsMemory(0, Math.Min(bytes, past.Length)), cancel) is > 0 and var read)
            bytes -= read;
    }
}
