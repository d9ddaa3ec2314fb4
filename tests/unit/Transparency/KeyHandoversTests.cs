using System.Security.Cryptography;
using Marketplace.Auditor.Log;
using Marketplace.Payment.Transparency;
using NSec.Cryptography;

namespace Marketplace.UnitTests.Transparency;

/// <summary>One key of the log names the next, and nobody else can.</summary>
public sealed class KeyHandoversTests : IDisposable
{
    private const string Origin = "marketplace.test/ledger";
    private readonly Key[] _keys = [.. Enumerable.Range(0, 4).Select(_ => Key.Create(SignatureAlgorithm.Ed25519))];

    public void Dispose() => Array.ForEach(_keys, key => key.Dispose());

    [Fact]
    public void A_chain_of_notes_is_followed_from_where_one_stands()
    {
        var notes = string.Join('\n', Note(0, 1), Note(1, 2), Note(2, 3));
        Assert.Equal([Known(0), Known(1), Known(2), Known(3)], KeyHandovers.Follow(notes, Known(0), Known(3)));
        Assert.Equal([Known(2), Known(3)], KeyHandovers.Follow(notes, Known(2), Known(3)));
        Assert.Equal([Known(3)], KeyHandovers.Follow("", Known(3), Known(3)));
    }

    [Fact]
    public void A_note_that_is_missing_forged_or_about_another_log_leads_nowhere()
    {
        Refused("", 0, 1);
        Refused(Note(0, 1), 1, 0);
        Refused(Note(0, 1), 0, 2);
        Refused(string.Join('\n', Note(0, 1), Note(2, 3)), 0, 3);
        Refused(string.Join('\n', Note(0, 1), Note(1, 0)), 0, 3);

        var text = Note(0, 1)[..Note(0, 1).IndexOf("\n\n", StringComparison.Ordinal)] + "\n";
        Refused(SignedNote.Sign(text, Origin, _keys[1]), 0, 1);
        Refused(SignedNote.Sign(text, Origin, _keys[0]), 0, 1);
        Refused(SignedNote.Sign(text, Origin, _keys[2], _keys[1]), 0, 1);
        Refused(SignedNote.Sign(text.Replace(Origin + "\n", "elsewhere.test/log\n", StringComparison.Ordinal), Origin, _keys[0], _keys[1]), 0, 1);
        Refused(SignedNote.Sign(text + "more\n", Origin, _keys[0], _keys[1]), 0, 1);
    }

    [Fact]
    public void A_hand_over_cannot_be_read_as_a_checkpoint_nor_a_checkpoint_as_a_hand_over()
    {
        Assert.Throws<FormatException>(() => SignedCheckpoint.Read(Note(0, 1)));
        Refused(SignedNote.Sign(new Checkpoint(Origin, 3, new byte[32]).Text, Origin, _keys[0], _keys[1]), 0, 1);
    }

    private void Refused(string notes, int known, int inForce) =>
        Assert.Throws<CryptographicException>(() => KeyHandovers.Follow(notes, Known(known), Known(inForce)));

    private string Note(int old, int next) => KeyHandover.Sign(Origin, (Known(old).ToString(), _keys[old]), (Known(next).ToString(), _keys[next])).Note;

    private VerifierKey Known(int key) => VerifierKey.Of(Origin, VerifierKey.Plain, _keys[key].PublicKey.Export(KeyBlobFormat.RawPublicKey));
}
