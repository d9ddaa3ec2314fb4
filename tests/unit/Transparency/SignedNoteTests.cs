using Marketplace.Payment.Transparency;
using NSec.Cryptography;

namespace Marketplace.UnitTests.Transparency;

public sealed class SignedNoteTests
{
    // The example key and note of the Go package golang.org/x/mod/sumdb/note.
    private const string GoVerifierKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string GoNote =
        "If you think cryptography is the answer to your problem,\n" +
        "then you don't know what your problem is.\n" +
        "\n" +
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    [Fact]
    public void A_note_signed_by_another_implementation_opens()
    {
        var key = Convert.FromBase64String(GoVerifierKey.Split('+', 3)[2])[1..];

        Assert.Equal(GoVerifierKey, SignedNote.VerifierKey("PeterNeumann", key));
        Assert.StartsWith("If you think", SignedNote.Open(GoNote, "PeterNeumann", key), StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_survives_signing_and_opening_and_nothing_else_opens()
    {
        using var key = Key.Create(SignatureAlgorithm.Ed25519);
        using var other = Key.Create(SignatureAlgorithm.Ed25519);
        var publicKey = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        var checkpoint = new Checkpoint("example.org/ledger", 20852163, [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

        var note = SignedNote.Sign(checkpoint.Text, checkpoint.Origin, key);
        var opened = Checkpoint.Parse(SignedNote.Open(note, checkpoint.Origin, publicKey)!);

        Assert.Equal(checkpoint.Text, opened!.Text);
        Assert.Null(SignedNote.Open(note, checkpoint.Origin, other.PublicKey.Export(KeyBlobFormat.RawPublicKey)));
        Assert.Null(SignedNote.Open(note, "example.org/other", publicKey));
        Assert.Null(SignedNote.Open(note.Replace("20852163", "20852164", StringComparison.Ordinal), checkpoint.Origin, publicKey));
        Assert.Null(SignedNote.Open(checkpoint.Text, checkpoint.Origin, publicKey));
    }

    [Fact]
    public void A_note_is_signed_again_by_the_keys_that_are_missing_and_by_no_key_twice()
    {
        using var first = Key.Create(SignatureAlgorithm.Ed25519);
        using var second = Key.Create(SignatureAlgorithm.Ed25519);
        var witnessed = SignedNote.Sign("a\n\nb\n", "log", first) + "— witness AAAA\n";

        var both = SignedNote.AlsoSign(witnessed, "log", second, first);
        Assert.Equal(both, SignedNote.AlsoSign(both, "log", first, second));
        Assert.Equal(witnessed, SignedNote.AlsoSign(witnessed, "log", first));
        Assert.Equal(3, both[both.LastIndexOf("\n\n", StringComparison.Ordinal)..].Count(c => c == '—'));
        Assert.EndsWith("— witness AAAA\n", both, StringComparison.Ordinal);
        foreach (var key in new[] { first, second })
            Assert.Equal("a\n\nb\n", SignedNote.Open(both, "log", key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));
    }

    [Theory]
    [InlineData("origin\n007\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")]
    [InlineData("origin\n-7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")]
    [InlineData("origin\n7\nAAEC\n")]
    [InlineData("\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")]
    [InlineData("origin\n7\n")]
    public void What_is_no_checkpoint_is_not_read_as_one(string text) => Assert.Null(Checkpoint.Parse(text));
}
