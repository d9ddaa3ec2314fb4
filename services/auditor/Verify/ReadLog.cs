using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Threading.Channels;
using Marketplace.Auditor.Books;
using Marketplace.Auditor.Entries;
using Marketplace.Auditor.Log;

namespace Marketplace.Auditor.Verify;

/// <summary>
/// One pass over all leaves of a checkpoint, in order: their root, their consistency with an earlier checkpoint, and the
/// ledger's rules; and a second one where keys begin alike. Bundles are fetched, hashed and read side by side; the books take
/// them in order.
/// </summary>
internal sealed class ReadLog(LogClient log, SignedCheckpoint checkpoint, SignedCheckpoint? earlier)
{
    private const int BundleLevel = 8;

    /// <summary>Downloads in flight: over a network each waits most of its time.</summary>
    private const int Most = 16;

    [ThreadStatic]
    private static Names? _names;

    internal Books.Books Books { get; } = new(BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(8)));

    /// <summary>Whether the leaves lead to the signed root.</summary>
    internal bool RootIsRight { get; private set; }

    /// <summary>Whether the earlier checkpoint is a beginning of this one; null without one.</summary>
    internal bool? Continues { get; private set; }

    /// <summary>The first bundle that has a leaf that is not what a leaf is, or not what was logged; null where none is known.</summary>
    internal long? FirstBadBundle { get; private set; }

    /// <summary>Reads it all; <paramref name="progress"/> is told how many leaves were taken.</summary>
    internal async Task Run(Action<long> progress, CancellationToken cancel)
    {
        RootIsRight = await Pass(Take, progress, cancel);

        // What is asked for a second time must be the same again, else the answer could be made for the question.
        if (Books.MustCompareKeys)
            RootIsRight = await Pass(CompareKeys, progress, cancel) && RootIsRight;
        if (earlier is { Size: 0 })
            Continues = earlier.HasRoot(new GrowingTree().Root());
        Books.Close();
    }

    /// <summary>Hands over every bundle, with the tree before it; says whether all of them lead to the signed root.</summary>
    private async Task<bool> Pass(Action<GrowingTree, Bundle> take, Action<long> progress, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var free = Channel.CreateBounded<Bundle>(Most);
        for (var i = 0; i < Most; i++)
            free.Writer.TryWrite(new Bundle());
        var coming = Channel.CreateBounded<Task<Bundle>>(Most);
        var asking = Ask(free.Reader, coming.Writer, stop.Token);
        try
        {
            return await TakeAll(coming.Reader, free.Writer, take, progress, stop.Token);
        }
        finally
        {
            await stop.CancelAsync();
            await asking.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task Ask(ChannelReader<Bundle> free, ChannelWriter<Task<Bundle>> coming, CancellationToken cancel)
    {
        for (var first = 0L; first < checkpoint.Size; first += LogClient.TileWidth)
        {
            var bundle = await free.ReadAsync(cancel);
            var (index, width) = (first / LogClient.TileWidth, (int)Math.Min(LogClient.TileWidth, checkpoint.Size - first));
            await coming.WriteAsync(Task.Run(() => Fill(bundle, index, width, cancel), cancel), cancel);
        }

        coming.Complete();
    }

    private async Task<Bundle> Fill(Bundle bundle, long index, int width, CancellationToken cancel)
    {
        using var bytes = await log.Entries(index, width, cancel);
        bundle.Fill(bytes.Span, width, _names ??= new Names());
        return bundle;
    }

    private async Task<bool> TakeAll(
        ChannelReader<Task<Bundle>> bundles, ChannelWriter<Bundle> free, Action<GrowingTree, Bundle> take, Action<long> progress, CancellationToken cancel)
    {
        var tree = new GrowingTree();
        await foreach (var coming in bundles.ReadAllAsync(cancel))
        {
            var bundle = await coming;
            take(tree, bundle);
            if (bundle.Root is { } root && tree.Size % LogClient.TileWidth == 0)
                tree.Add(root, BundleLevel);
            else
                AddLeaves(tree, bundle.Hashes);
            await free.WriteAsync(bundle, cancel);
            progress(tree.Size);
        }

        return tree.Size == checkpoint.Size && checkpoint.HasRoot(tree.Root());
    }

    private void Take(GrowingTree tree, Bundle bundle)
    {
        for (var i = 0; i < bundle.Entries.Length; i++)
        {
            if (bundle.Faults[i] is null)
            {
                Books.Take(bundle.Entries[i]);
                continue;
            }

            FirstBadBundle ??= Books.Entries / LogClient.TileWidth;
            Books.TakeUnreadable(bundle.Faults[i]!);
        }

        if (bundle.Missing > 0)
        {
            FirstBadBundle ??= Books.Entries / LogClient.TileWidth;
            Books.Skip(bundle.Missing);
        }

        CompareWithEarlier(tree, bundle);
    }

    private void CompareKeys(GrowingTree tree, Bundle bundle)
    {
        for (var i = 0; i < bundle.Entries.Length; i++)
        {
            if (bundle.Faults[i] is null)
                Books.CompareKey(bundle.Entries[i]);
        }
    }

    /// <summary>Where the earlier checkpoint ends in this bundle, its root is computed in passing.</summary>
    private void CompareWithEarlier(GrowingTree tree, Bundle bundle)
    {
        var count = (earlier?.Size ?? 0) - tree.Size;
        if (earlier is null || count < 1 || count > bundle.Hashes.Length / Rfc6962.Size)
            return;

        var then = tree.Copy();
        AddLeaves(then, bundle.Hashes[..((int)count * Rfc6962.Size)]);
        Continues = earlier.HasRoot(then.Root());
    }

    private static void AddLeaves(GrowingTree tree, ReadOnlySpan<byte> hashes)
    {
        for (; !hashes.IsEmpty; hashes = hashes[Rfc6962.Size..])
            tree.Add(hashes[..Rfc6962.Size].ToArray(), 0);
    }

    /// <summary>Where the root is wrong: the log's own leaf hashes tell which leaf is not what was logged.</summary>
    internal async Task FindTheLeaf(CancellationToken cancel)
    {
        var bundle = new Bundle();
        for (var first = 0L; first < checkpoint.Size; first += LogClient.TileWidth)
        {
            var (index, width) = (first / LogClient.TileWidth, (int)Math.Min(LogClient.TileWidth, checkpoint.Size - first));
            var logged = await log.Hashes(0, index, width, cancel);
            await Fill(bundle, index, width, cancel);
            var same = logged.AsSpan().CommonPrefixLength(bundle.Hashes) / Rfc6962.Size;
            if (same == width)
                continue;

            FirstBadBundle = Math.Min(FirstBadBundle ?? index, index);
            Books.Find(Rule.LeavesAreWhatWasLogged, first + same + 1, "it is not what was logged: the entry was changed, removed or moved after it was written");
            return;
        }

        FirstBadBundle = 0;
        Books.Find(Rule.LeavesAreWhatWasLogged, 0, "the leaves are what the log's tiles say, and do not lead to its signed root: the history was rewritten");
    }
}
