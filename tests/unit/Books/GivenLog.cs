using System.Buffers.Binary;
using System.Text;
using Marketplace.Auditor.Log;
using Marketplace.Payment.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NSec.Cryptography;

namespace Marketplace.UnitTests.Books;

/// <summary>A log of deposits, of leaves written here, that is served over HTTP as payment serves its own.</summary>
internal sealed class GivenLog : IAsyncDisposable
{
    private const string Origin = "marketplace.test/ledger";
    private readonly Key _key = Key.Create(SignatureAlgorithm.Ed25519);
    private readonly WebApplication _site;

    private GivenLog()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _site = builder.Build();
        _site.Urls.Add("http://127.0.0.1:0");
        _site.MapGet("/log/key", () => SignedNote.VerifierKey(Origin, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));
        _site.MapGet("/log/checkpoint", () => SignedNote.Sign(new Checkpoint(Origin, Leaves.Count, Root([.. Leaves.Select(l => Merkle.LeafHash(l))])).Text, Origin, _key));
        _site.MapGet("/log/tile/entries/000", () => Results.Bytes(Bundle(0)));
        _site.MapGet("/log/tile/entries/000.p/{width:int}", () => Results.Bytes(Bundle(0)));
        _site.MapGet("/log/tile/entries/001.p/{width:int}", () => Results.Bytes(Bundle(1)));
        _site.MapGet("/ledger/trial-balance", () => Results.Json(new
        {
            accounts = new[]
            {
                new { account = "assets:bank:sandbox", balanceMicros = Leaves.Count * 1000L },
                new { account = "liabilities:requester:…:deposit", balanceMicros = Leaves.Count * -1000L },
            },
        }));
    }

    internal List<byte[]> Leaves { get; } = [];

    internal string Address => _site.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    internal static async Task<GivenLog> OfDeposits(int count)
    {
        var log = new GivenLog();
        for (var number = 1; number <= count; number++)
            log.Leaves.Add(Deposit(number));
        await log._site.StartAsync(TestContext.Current.CancellationToken);
        return log;
    }

    public async ValueTask DisposeAsync()
    {
        await _site.DisposeAsync();
        _key.Dispose();
    }

    /// <summary>A deposit of a thousandth, version 2, all in one batch.</summary>
    internal static byte[] Deposit(long number)
    {
        var key = new byte[32];
        BinaryPrimitives.WriteInt64BigEndian(key, number);
        return
        [
            2, .. Long(number), .. Long(0), .. Sized("deposit"), .. Long(1_772_528_400_000), .. Sized("EUR"), .. Sized(key), .. Sized([]), .. Long(0), .. Sized([]),
            0, 2, .. Sized("assets:bank:sandbox"), .. Long(1000), .. Sized("liabilities:requester:b:deposit"), .. Long(-1000),
        ];
    }

    private byte[] Bundle(int index) => [.. Leaves.Skip(256 * index).Take(256).SelectMany(Sized)];

    private static byte[] Long(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Sized(string text) => Sized(Encoding.UTF8.GetBytes(text));

    private static byte[] Sized(byte[] bytes) => [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];

    private static byte[] Root(byte[][] hashes)
    {
        if (hashes.Length == 1)
            return hashes[0];
        var cut = (int)Rfc6962.Cut(hashes.Length);
        return Rfc6962.Node(Root(hashes[..cut]), Root(hashes[cut..]));
    }
}
