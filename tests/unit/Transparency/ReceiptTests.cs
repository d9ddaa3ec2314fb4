using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Marketplace.Auditor.Receipts;

namespace Marketplace.UnitTests.Transparency;

/// <summary>A worker's receipt, in both versions of the leaf, as the auditor and as <c>deploy/verify-receipt</c> check it: python3 and openssl alone.</summary>
public sealed class ReceiptTests : IDisposable
{
    private readonly GivenReceipt _given = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("receipt-");

    public void Dispose()
    {
        _given.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_receipt_shows_that_the_entry_is_there_whose_it_is_and_how_its_time_followed(int version)
    {
        var receipt = GivenReceipt.Opening(version == 2 ? GivenReceipt.Facts : "") + _given.Of(Paid(version));
        var lines = Check(receipt);
        Assert.Equal(
            [
                "passed  Entry 4 is in the ledger of marketplace.test/ledger, signed at 10 entries.",
                "        It pays 0.087500 EUR for 21.000 s credited, 0.050000 of it from the floor.",
                "passed  It is yours: your salt opens its commitment.",
                "passed  The 21.000 s follow from 21.000 s worked, 0.000 s asked for and 300.000 s of allowance, as the entry had them.",
            ],
            lines);

        var (code, said) = await Script(receipt);
        Assert.True(code == 0, said);
        Assert.Contains("Entry 4 is in the ledger of marketplace.test/ledger, of 10 entries, and is that worker’s.", said, StringComparison.Ordinal);
        Assert.Contains("so credited 21000 ms", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("leaves")]
    [InlineData("leaves-2")]
    public async Task Without_what_opens_it_a_receipt_shows_that_the_entry_is_there_and_no_more(string folder)
    {
        foreach (var name in LeafEntries.All.Keys)
        {
            var receipt = _given.Of(FrozenLeaf.Bytes(folder, name));
            Assert.DoesNotContain(Check(receipt), line => line.Contains("yours", StringComparison.Ordinal));
            var (code, said) = await Script(receipt);
            Assert.True(code == 0, said);
            Assert.DoesNotContain("worker’s", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_salt_the_id_and_the_key_may_be_given_as_options_too()
    {
        var lines = ReceiptCommand.Check(_given.Of(Paid(2)), new()
        {
            File = "",
            Key = _given.LogKey,
            Salt = Convert.ToHexString(GivenReceipt.Salt),
            Worker = Guid.Parse("01980000-0000-7000-8000-00000000000c"),
            EntryKey = "assignment:01980000-0000-7000-8000-00000000000d",
        }).ToList();
        Assert.Equal("passed  It is yours: your salt opens its commitment.", lines[2]);
        Assert.Contains("is not in this receipt", lines[3], StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string, string> Frauds => new()
    {
        { "worker 01980000-0000-7000-8000-00000000000c", "worker 01980000-0000-7000-8000-00000000000b", "somebody else's", "somebody else's" },
        { "00000000000d\n", "00000000000e\n", "somebody else's", "somebody else's" },
        { "salt K", "salt L", "somebody else's", "somebody else's" },
        { "active=21000", "active=20000", "not those that the entry is committed to", "not those that the entry is committed to" },
        { "allowance-left=300000", "allowance-left=299999", "not those that the entry is committed to", "not those that the entry is committed to" },
        { "first-of-job=1", "first-of-job=0", "not those that the entry is committed to", "not those that the entry is committed to" },
        { "unseen=0", "unseen=1", "not those that the entry is committed to", "not those that the entry is committed to" },
        { "wall=21000", "wall=22000", "not those that the entry is committed to", "not those that the entry is committed to" },
        { "index 3", "index 2", "does not lead to the signed root", "does not lead to the signed root" },
        { "\n10\n", "\n11\n", "not by the log's key", "did not sign this" },
        { "ledger\n10", "ledges\n10", "is of marketplace.test/ledges", "did not sign this" },
        { "extra Ag", "extra Aw", "does not lead to the signed root", "does not lead to the signed root" },
    };

    [Theory, MemberData(nameof(Frauds))]
    public async Task What_was_changed_in_a_receipt_is_refused(string what, string to, string auditor, string script)
    {
        var receipt = GivenReceipt.Opening(GivenReceipt.Facts) + _given.Of(Paid(2));
        Assert.Contains(what, receipt, StringComparison.Ordinal);
        await IsRefused(receipt.Replace(what, to, StringComparison.Ordinal), auditor, script);
    }

    [Fact]
    public async Task A_signed_entry_that_credits_what_does_not_follow_from_its_facts_is_refused()
    {
        const string facts = "active=22000\nallowance-left=300000\nfirst-of-job=1\nunseen=0\nwall=22000\n";
        await IsRefused(Signed(facts), "1000 ms were cut without a reason", "does not follow");
        await IsRefused(Signed(facts.Replace("22000", "20000", StringComparison.Ordinal)), "credits 21000 ms where the rule credits 20000 ms", "does not follow");
        await IsRefused(Signed(GivenReceipt.Facts.Replace("wall=21000", "wall=20999", StringComparison.Ordinal)), "of 20999 ms between claim and end", "does not follow");
    }

    [Fact]
    public async Task Of_an_end_without_an_answer_the_grace_is_checked_with_the_receipt_of_the_policy()
    {
        var expired = Opened(FrozenLeaf.Bytes("leaves-2", "assignment-paid-nothing"), version: 2);
        var receipt = GivenReceipt.Opening(GivenReceipt.FactsOfNothing) + _given.Of(expired);
        Assert.Contains(Check(receipt), line => line.StartsWith("        Not checked: whether it was too short", StringComparison.Ordinal));
        Assert.Equal(0, (await Script(receipt)).Code);

        var policy = await Write("policy", _given.Of(FrozenLeaf.Bytes("leaves-2", "policy-adopted")));
        Assert.DoesNotContain(Check(receipt, policy), line => line.Contains("Not checked", StringComparison.Ordinal));

        // A policy without a grace would have paid these 29.999 s.
        var kinder = FrozenLeaf.Bytes("leaves-2", "policy-adopted");
        var text = Encoding.ASCII.GetString(kinder);
        kinder[text.IndexOf("graceMs=30000", StringComparison.Ordinal) + "graceMs=".Length] = (byte)'2';
        var other = await Write("policy", _given.Of(kinder));
        Assert.Contains("29999 ms were cut without a reason", Assert.Throws<CryptographicException>(() => Check(receipt, other)).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => Check(receipt, policy: WriteNow("deposit", _given.Of(FrozenLeaf.Bytes("leaves-2", "deposit")))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("marketplace/receipt@v1\n\n")]
    [InlineData("marketplace/receipt@v1\nworker 1\nentry-key x\nsalt KioqKg==\n\n")]
    [InlineData("marketplace/receipt@v1\nworker 01980000-0000-7000-8000-00000000000c\nentry-key x\nsalt KioqKg==\nactive=1\n\n")]
    public async Task What_is_no_receipt_says_so(string text)
    {
        Assert.Throws<FormatException>(() => Check(text));
        Assert.Equal(1, (await Script(text)).Code);
    }

    [Fact]
    public void The_script_stays_short_enough_to_be_read() =>
        Assert.True(File.ReadAllLines(Repository.PathOf("deploy", "verify-receipt")).Length < 60);

    /// <summary>A receipt with other facts, of an entry that is committed to them.</summary>
    private string Signed(string facts)
    {
        var leaf = Paid(2);
        SHA256.HashData([.. GivenReceipt.Salt, 1, .. Encoding.UTF8.GetBytes(facts)]).CopyTo(leaf.AsSpan(^32..));
        return GivenReceipt.Opening(facts) + _given.Of(leaf);
    }

    private static byte[] Paid(int version) =>
        version == 2 ? FrozenLeaf.Bytes("leaves-2", "assignment-paid-opened") : Opened(FrozenLeaf.Bytes("leaves", "assignment-paid"), version);

    /// <summary>The leaf about the worker whom the receipts name: the 32 bytes from 00 to 1f become their commitment.</summary>
    private static byte[] Opened(byte[] leaf, int version)
    {
        var worker = SHA256.HashData([
            .. GivenReceipt.Salt, 0, .. Guid.Parse("01980000-0000-7000-8000-00000000000c").ToByteArray(bigEndian: true),
            .. "assignment:01980000-0000-7000-8000-00000000000d"u8]);
        worker.CopyTo(leaf.AsSpan(leaf.AsSpan().IndexOf([.. Enumerable.Range(0, 32).Select(i => (byte)i)])));
        Assert.Equal(version, leaf[0]);
        return leaf;
    }

    private async Task IsRefused(string receipt, string auditor, string script)
    {
        Assert.Contains(auditor, Assert.Throws<CryptographicException>(() => Check(receipt)).Message, StringComparison.Ordinal);
        var (code, said) = await Script(receipt);
        Assert.Equal(1, code);
        Assert.Contains("NOT SO: ", said, StringComparison.Ordinal);
        Assert.Contains(script, said, StringComparison.Ordinal);
    }

    private List<string> Check(string receipt, string? policy = null) =>
        [.. ReceiptCommand.Check(receipt, new() { File = "", Key = _given.LogKey, Policy = policy })];

    private async Task<(int Code, string Said)> Script(string receipt)
    {
        using var script = Process.Start(new ProcessStartInfo(
            Repository.PathOf("deploy", "verify-receipt"), [await Write("receipt", receipt), await Write("key", _given.LogKey + "\n")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = script.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = script.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (script.ExitCode, await output + await errors);
    }

    private async Task<string> Write(string name, string text)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, name), text, TestContext.Current.CancellationToken);
        return Path.Combine(_folder.FullName, name);
    }

    private string WriteNow(string name, string text)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, name), text);
        return Path.Combine(_folder.FullName, name);
    }
}
