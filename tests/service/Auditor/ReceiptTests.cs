using System.Security.Cryptography;
using Marketplace.Auditor.Receipts;
using Marketplace.Payment.Transparency;
using Marketplace.ServiceTests.Payment;
using NSec.Cryptography;

namespace Marketplace.ServiceTests.Auditor;

/// <summary>One line of a payslip, checked offline: what is right passes, and each thing that is wrong is named.</summary>
public sealed class ReceiptTests(PaymentFixture given) : IClassFixture<PaymentFixture>, IAsyncLifetime
{
    private string _receipt = "";
    private string _own = "";
    private string _key = "";
    private TaskCompleted _end = null!;
    private WorkerPaid _paid = null!;

    public async ValueTask InitializeAsync()
    {
        var job = await given.AFundedJob();
        _end = PaymentFixture.AnEnd(job, activeMs: 21_000);
        await given.Broker.Publish(_end, PaymentFixture.AnEnd(job), PaymentFixture.AnEnd(job));
        _paid = await given.Paid(_end);
        await PaymentFixture.EverythingIsPublic(given.Service);
        using var client = given.Service.Anybody();
        using var worker = given.Service.Worker(_end.WorkerId);
        _key = await client.GetStringAsync("/log/key", TestContext.Current.CancellationToken);
        _receipt = await client.GetStringAsync($"/log/receipt/{Convert.ToHexStringLower(_paid.EntryKey!)}", TestContext.Current.CancellationToken);
        _own = await worker.GetStringAsync($"/ledger/receipts/{_end.AssignmentId}", TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public void A_receipt_and_the_salt_of_its_worker_pass()
    {
        var lines = Check(_receipt);
        Assert.Equal(4, lines.Count);
        Assert.Matches("^passed  Entry [0-9]+ is in the ledger of marketplace.local/ledger", lines[0]);
        Assert.Contains("It pays 0.087500 EUR for 21.000 s credited, 0.050000 of it from the floor.", lines[1], StringComparison.Ordinal);
        Assert.Equal("passed  It is yours: your salt opens its commitment.", lines[2]);
        Assert.Contains("is not in this receipt", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_workers_own_receipt_needs_no_options_and_shows_how_the_time_followed()
    {
        var lines = ReceiptCommand.Check(_own, new() { File = "", Key = _key }).ToList();
        Assert.Equal(4, lines.Count);
        Assert.Equal("passed  It is yours: your salt opens its commitment.", lines[2]);
        Assert.StartsWith("passed  The 21.000 s follow from 21.000 s worked", lines[3], StringComparison.Ordinal);
        Assert.EndsWith(_receipt.Split("\n\n")[0], _own.Split("\n\n")[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("active=21000", "active=20999")]
    [InlineData("unseen=0", "unseen=1")]
    [InlineData("first-of-job=0", "first-of-job=1")]
    [InlineData("allowance-left=", "allowance-left=1")]
    [InlineData("wall=", "wall=1")]
    public void Facts_that_the_entry_is_not_committed_to_are_refused(string what, string to)
    {
        Assert.Contains(what, _own, StringComparison.Ordinal);
        Fails("not those that the entry is committed to", _own.Replace(what, to, StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_salt_only_the_ledger_is_asked() =>
        Assert.Equal(2, ReceiptCommand.Check(_receipt, new() { File = "", Key = _key }).Count());

    [Fact]
    public void Somebody_elses_salt_id_or_key_opens_nothing()
    {
        Fails("somebody else's", _receipt, salt: RandomNumberGenerator.GetBytes(32));
        Fails("somebody else's", _receipt, worker: Guid.NewGuid());
        Fails("somebody else's", _receipt, entryKey: $"assignment:{Guid.NewGuid()}");
    }

    [Fact]
    public void A_leaf_with_any_bit_flipped_is_not_in_the_log()
    {
        var lines = _receipt.Split('\n');
        var leaf = Convert.FromBase64String(lines[1]["extra ".Length..]);
        Assert.Equal(2, leaf[0]);
        for (var bit = 0; bit < 8 * leaf.Length; bit++)
        {
            leaf[bit / 8] ^= (byte)(1 << (bit % 8));
            Fails("does not lead to the signed root", Changed(1, $"extra {Convert.ToBase64String(leaf)}"));
            leaf[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Another_index_or_proof_does_not_lead_to_the_root()
    {
        var lines = _receipt.Split('\n');
        var index = long.Parse(lines[2]["index ".Length..], System.Globalization.CultureInfo.InvariantCulture);
        Fails("does not lead to the signed root", Changed(2, $"index {index + 1}"));
        Fails("does not lead to the signed root", Changed(2, $"index {index - 1}"));
        Fails("does not lead to the signed root", Changed(2, "index 4000000000"));
        Fails("does not lead to the signed root", Changed(3, Convert.ToBase64String(new byte[32])));
        Fails("does not lead to the signed root", _receipt.Replace(lines[3] + "\n", "", StringComparison.Ordinal));
        Fails("does not lead to the signed root", Changed(3, lines[3] + "\n" + lines[3]));
        Fails("does not lead to the signed root", Changed(3, lines[3][..40] + Convert.ToBase64String(new byte[1])));
    }

    [Fact]
    public void A_checkpoint_that_the_log_did_not_sign_is_worth_nothing()
    {
        var at = _receipt.IndexOf("\n\n", StringComparison.Ordinal) + 2;
        var note = _receipt[at..];
        var lines = note.Split('\n');
        Fails("not by the log's key", _receipt[..at] + note.Replace($"\n{lines[1]}\n", "\n99999\n", StringComparison.Ordinal));
        Fails("not by the log's key", _receipt[..at] + note.Replace(lines[2], Convert.ToBase64String(new byte[32]), StringComparison.Ordinal));
        Fails("not by the log's key", _receipt[..at] + note[..(note.IndexOf("\n\n", StringComparison.Ordinal) + 2)]);
        Fails("is of elsewhere.test/log, not of", _receipt[..at] + note.Replace("marketplace.local/ledger\n", "elsewhere.test/log\n", StringComparison.Ordinal));

        using var other = Key.Create(SignatureAlgorithm.Ed25519);
        var text = note[..(note.IndexOf("\n\n", StringComparison.Ordinal) + 1)];
        Fails("not by the log's key", _receipt[..at] + SignedNote.Sign(text, "marketplace.local/ledger", other));
    }

    [Fact]
    public void What_cannot_be_read_says_so()
    {
        Assert.Throws<FormatException>(() => Check(""));
        Assert.Throws<FormatException>(() => Check(_receipt[..100]));
        Assert.Throws<FormatException>(() => Check(Changed(0, "c2sp.org/tlog-proof@v2")));
        Assert.Throws<FormatException>(() => Check(Changed(1, "extra !")));
        Assert.Throws<FormatException>(() => Check(Changed(2, "index -1")));
        var missing = Assert.Throws<FormatException>(
            () => ReceiptCommand.Check(_receipt, new() { File = "", Key = _key, Worker = _end.WorkerId }).ToList());
        Assert.Contains("needed together", missing.Message, StringComparison.Ordinal);
    }

    private string Changed(int line, string to)
    {
        var lines = _receipt.Split('\n');
        lines[line] = to;
        return string.Join('\n', lines);
    }

    private void Fails(string why, string receipt, byte[]? salt = null, Guid? worker = null, string? entryKey = null) =>
        Assert.Contains(why, Assert.Throws<CryptographicException>(() => Check(receipt, salt, worker, entryKey)).Message, StringComparison.Ordinal);

    private List<string> Check(string receipt, byte[]? salt = null, Guid? worker = null, string? entryKey = null) =>
        [.. ReceiptCommand.Check(receipt, new()
        {
            File = "",
            Key = _key,
            Salt = Convert.ToHexString(salt ?? _paid.Salt),
            Worker = worker ?? _end.WorkerId,
            EntryKey = entryKey ?? $"assignment:{_end.AssignmentId}",
        })];
}
