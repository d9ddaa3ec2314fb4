using System.Buffers.Binary;
using System.Globalization;
using Marketplace.Payment.Transparency;
using Microsoft.Playwright;
using NSec.Cryptography;
using Environment = Marketplace.ServiceTests.Environment;

namespace Marketplace.JourneyTests;

/// <summary>
/// The log as a dishonest operator could write it anew, consistent in itself and signed with the true key: one entry says another
/// commitment, everything else is as it was. Only somebody who saw the log before can know.
/// </summary>
internal sealed class RewrittenLog
{
    private readonly List<byte[]> _leaves;
    private readonly string _key;
    private readonly string _origin;

    private RewrittenLog(List<byte[]> leaves, string key) => (_leaves, _key, _origin) = (leaves, key, key.Split('+')[0]);

    /// <summary>The log at an address, with this entry changed, and cut to so many entries.</summary>
    internal static async Task<RewrittenLog> Of(Uri address, int entry, int entries = int.MaxValue)
    {
        using var http = new HttpClient { BaseAddress = address };
        var cancel = TestContext.Current.CancellationToken;
        var size = int.Parse((await http.GetStringAsync("/log/checkpoint", cancel)).Split('\n')[1], CultureInfo.InvariantCulture);
        Assert.True(size < 256, "More entries than one tile holds.");

        var bundle = await http.GetByteArrayAsync($"/log/tile/entries/000.p/{size}", cancel);
        var leaves = new List<byte[]>();
        for (var at = 0; at < bundle.Length && leaves.Count < entries;)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(bundle.AsSpan(at));
            leaves.Add(bundle[(at + 2)..(at + 2 + length)]);
            at += 2 + length;
        }

        // The last byte of what stands for the entry's key: version, number, batch, kind and its length, instant, currency and its length, a length.
        const int before = 1 + 8 + 8;
        var kind = BinaryPrimitives.ReadUInt16BigEndian(leaves[entry - 1].AsSpan(before));
        leaves[entry - 1][before + 2 + kind + 8 + 5 + 2 + 31] ^= 1;
        return new(leaves, await http.GetStringAsync("/log/key", cancel));
    }

    internal async Task Answer(IRoute route)
    {
        var path = new Uri(route.Request.Url).AbsolutePath;
        var bytes = path switch
        {
            "/log/checkpoint" => System.Text.Encoding.UTF8.GetBytes(Checkpoint()),
            "/log/key" => System.Text.Encoding.UTF8.GetBytes(_key),
            _ when path.StartsWith("/log/tile/entries/", StringComparison.Ordinal) => [.. _leaves.SelectMany(Framed)],
            _ => [.. _leaves.SelectMany(leaf => Merkle.LeafHash(leaf))],
        };
        await route.FulfillAsync(new() { BodyBytes = bytes, ContentType = "application/octet-stream" });
    }

    private string Checkpoint()
    {
        var hashes = _leaves.ConvertAll(leaf => Merkle.LeafHash(leaf));
        using var key = Key.Import(SignatureAlgorithm.Ed25519, File.ReadAllBytes(Path.Combine(Environment.Current.KeyFolder, "log.key")), KeyBlobFormat.RawPrivateKey);
        return SignedNote.Sign(new Checkpoint(_origin, hashes.Count, Root(hashes)).Text, _origin, key);
    }

    /// <summary>MTH of RFC 6962, section 2.1.</summary>
    private static byte[] Root(List<byte[]> hashes)
    {
        if (hashes.Count == 1)
            return hashes[0];
        var k = 1;
        while (k * 2 < hashes.Count)
            k *= 2;
        return Merkle.NodeHash(Root(hashes[..k]), Root(hashes[k..]));
    }

    private static byte[] Framed(byte[] leaf) => [(byte)(leaf.Length >> 8), (byte)leaf.Length, .. leaf];
}
