using System.Buffers.Binary;
using System.Threading.Channels;
using Marketplace.Auditor.Entries;
using Marketplace.Auditor.Log;

namespace Marketplace.Auditor.Verify;

/// <summary>
/// One pass over all leaves of a checkpoint, in order: their root, their consistency with an earlier checkpoint, and the
/// ledger's rules. Bundles are fetched, hashed and read side by side; the books take them in order.
/// </summary>
internal sealed class Audit(LogClient log, SignedCheckpoint checkpoint, SignedCheckpoint? earlier)
{
    private const int BundleLevel = 8;

    internal Books.Books Books { get; } = new();

    /// <summary>Whether the leaves lead to the signed root.</summary>
    internal bool RootIsRight { get; private set; }

    /// <summary>Whether the earlier checkpoint is a beginning of this one; null without one.</summary>
    internal bool? Continues { get; private set; }

    internal async Task Run(Action<long> progress, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var coming = Channel.CreateBounded<Task<Bundle>>(new BoundedChannelOptions(2 * Math.Max(2, Environment.ProcessorCount)) { SingleReader = true });
        var asking = Ask(coming.Writer, stop.Token);
        try
        {
            await TakeAll(coming.Reader, progress, stop.Token);
        }
        finally
        {
            await stop.CancelAsync();
            await asking.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }

        Books.Close();
    }

    private async Task Ask(ChannelWriter<Task<Bundle>> bundles, CancellationToken cancel)
    {
        for (var first = 0L; first < checkpoint.Size; first += LogClient.TileWidth)
        {
            var (index, width) = (first / LogClient.TileWidth, (int)Math.Min(LogClient.TileWidth, checkpoint.Size - first));
            await bundles.WriteAsync(Task.Run(() => Read(index, width, cancel), cancel), cancel);
        }

        bundles.Complete();
    }

    private async Task TakeAll(ChannelReader<Task<Bundle>> bundles, Action<long> progress, CancellationToken cancel)
    {
        var tree = new GrowingTree();
        await foreach (var coming in bundles.ReadAllAsync(cancel))
        {
            var bundle = await coming;
            foreach (var entry in bundle.Entries)
                Books.Take(entry);
            if (bundle.Fault is { } fault)
                Books.Find(Books.Entries + 1, fault);

            CompareWithEarlier(tree, bundle);
            if (bundle.Hashes.Length == LogClient.TileWidth * Rfc6962.Size)
                tree.Add(Rfc6962.RootOf((byte[])bundle.Hashes.Clone()), BundleLevel);
            else
                AddLeaves(tree, bundle.Hashes, bundle.Hashes.Length / Rfc6962.Size);
            progress(tree.Size);
        }

        if (earlier is { Size: 0 })
            Continues = true;
        RootIsRight = tree.Size == checkpoint.Size && tree.Root().AsSpan().SequenceEqual(checkpoint.Root);
        if (!RootIsRight)
            await FindTheLeaf(cancel);
    }

    /// <summary>Where the earlier checkpoint ends in this bundle, its root is computed in passing.</summary>
    private void CompareWithEarlier(GrowingTree tree, Bundle bundle)
    {
        var count = (earlier?.Size ?? 0) - tree.Size;
        if (earlier is null || count < 1 || count > bundle.Hashes.Length / Rfc6962.Size)
            return;

        var then = tree.Copy();
        AddLeaves(then, bundle.Hashes, (int)count);
        Continues = then.Root().AsSpan().SequenceEqual(earlier.Root);
    }

    private static void AddLeaves(GrowingTree tree, byte[] hashes, int count)
    {
        for (var i = 0; i < count; i++)
            tree.Add(hashes.AsSpan(i * Rfc6962.Size, Rfc6962.Size).ToArray(), 0);
    }

    private async Task<Bundle> Read(long index, int width, CancellationToken cancel) =>
        Bundle.Read(await log.Entries(index, width, cancel), width);

    /// <summary>The root is wrong: the log's own leaf hashes tell which leaves are not what was logged.</summary>
    private async Task FindTheLeaf(CancellationToken cancel)
    {
        for (var first = 0L; first < checkpoint.Size; first += LogClient.TileWidth)
        {
            var (index, width) = (first / LogClient.TileWidth, (int)Math.Min(LogClient.TileWidth, checkpoint.Size - first));
            var logged = await log.Hashes(index, width, cancel);
            var served = Bundle.Read(await log.Entries(index, width, cancel), width).Hashes;
            for (var i = 0; i < width; i++)
            {
                var end = (i + 1) * Rfc6962.Size;
                if (end > logged.Length || end > served.Length || !logged.AsSpan(i * Rfc6962.Size, Rfc6962.Size).SequenceEqual(served.AsSpan(i * Rfc6962.Size, Rfc6962.Size)))
                {
                    Books.Find(first + i + 1, "it is not what was logged: the entry was changed, removed or moved after it was written");
                    return;
                }
            }
        }

        Books.Find(0, "the leaves are what the log's tiles say, and do not lead to its signed root: the history was rewritten");
    }

    /// <summary>Up to 256 leaves: their hashes end to end, and what they say.</summary>
    private sealed record Bundle(byte[] Hashes, List<Entry> Entries, string? Fault)
    {
        [ThreadStatic]
        private static Names? _names;

        internal static Bundle Read(ReadOnlySpan<byte> bytes, int width)
        {
            var names = _names ??= new Names();
            var hashes = new byte[width * Rfc6962.Size];
            var entries = new List<Entry>(width);
            var count = 0;
            for (; count < width && bytes.Length >= 2; count++)
            {
                var length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
                if (bytes.Length < 2 + length)
                    break;

                var leaf = bytes.Slice(2, length);
                bytes = bytes[(2 + length)..];
                Rfc6962.HashLeaf(leaf, hashes.AsSpan(count * Rfc6962.Size, Rfc6962.Size));
                try
                {
                    entries.Add(LeafReader.Read(leaf, names));
                }
                catch (FormatException e)
                {
                    return new(hashes[..((count + 1) * Rfc6962.Size)], entries, e.Message);
                }
            }

            return new(hashes[..(count * Rfc6962.Size)], entries, count == width ? null : "it is missing from the log's bundle of leaves");
        }
    }
}
