using System.Globalization;
using System.Text;
using Marketplace.Auditor.Entries;

namespace Marketplace.UnitTests.Transparency;

/// <summary>What the auditor reads out of leaves of version 2 (their README says what is in them), and what it does not take for a leaf.</summary>
public sealed class LeafReaderTests
{
    private const long Hour = 1_772_528_400_000;
    private const long Day = Hour - (9 * 3_600_000);

    public static TheoryData<string> Names => [.. LeafEntries.All.Keys];

    [Theory, MemberData(nameof(Names))]
    public void An_entry_is_the_same_in_both_versions_but_for_its_time_and_what_a_person_did(string name)
    {
        var (one, two) = (Read(FrozenLeaf.Bytes("leaves", name)), Read(FrozenLeaf.Bytes("leaves-2", name)));
        Assert.Equal((1, 2), (one.Version, two.Version));
        Assert.Equal((one.Number, one.Number - 1, one.Number - 1), (two.Number, two.Batch, one.Batch));
        Assert.Equal(name.StartsWith("payout", StringComparison.Ordinal) ? Day : Hour, two.At);
        Assert.Equal(
            (one.Kind, one.Currency, one.Key, one.Commitment, one.Corrects, one.Job, one.Payout),
            (two.Kind, two.Currency, two.Key, two.Commitment, two.Corrects, two.Job, two.Payout));
        Assert.Equal(one.Postings.ToArray(), two.Postings.ToArray());
        Assert.Equal((one.Pay ?? default) with { Time = null }, (two.Pay ?? default) with { TimeCommitment = null });
        Assert.Equal((one.Pay is not null, one.Pay is not null), (one.Pay?.Time is not null, two.Pay?.TimeCommitment is not null));
        Assert.Equal(one.Policy is { } said ? (said.Version, said.Floor, said.FeeBps, said.LevyBps, said.Grace) : default,
            two.Policy is { } adopted ? (adopted.Version, adopted.Floor, adopted.FeeBps, adopted.LevyBps, adopted.Grace) : default);
        Assert.Equal(22, two.Policy?.Parameters.Count ?? 22);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_leaf_that_was_cut_or_goes_on_is_not_read(string name)
    {
        var leaf = FrozenLeaf.Bytes("leaves-2", name);
        for (var length = 0; length < leaf.Length; length++)
            Assert.Throws<FormatException>(() => Read(leaf[..length]));
        Assert.Throws<FormatException>(() => Read([.. leaf, 0]));
        Assert.Throws<FormatException>(() => Read([1, .. leaf[1..]]));
        Assert.Throws<FormatException>(() => Read([3, .. leaf[1..]]));
    }

    [Theory, MemberData(nameof(Names))]
    public void Whatever_bytes_are_changed_it_reads_an_entry_or_says_why_not(string name)
    {
        foreach (var folder in new[] { "leaves", "leaves-2" })
        {
            var leaf = FrozenLeaf.Bytes(folder, name);
            for (var at = 0; at < leaf.Length; at++)
            {
                foreach (var value in new byte[] { 0, 0x7f, 0x80, 0xff, (byte)(leaf[at] ^ 1) })
                {
                    var changed = (byte[])leaf.Clone();
                    changed[at] = value;
                    Assert.True(IsReadOrRefused(changed));
                }
            }
        }
    }

    [Theory]
    [InlineData("version=1\n", "does not say its 'floorMicrosPerHour'")]
    [InlineData("b=1\na=1\n", "'a' does not come after 'b'")]
    [InlineData("a=1\na=1\n", "'a' does not come after 'a'")]
    [InlineData("a=01\n", "'a=01' is no line")]
    [InlineData("a=\n", "'a=' is no line")]
    [InlineData("a=-0\n", "'a=-0' is no line")]
    [InlineData("a=--1\n", "'a=--1' is no line")]
    [InlineData("a=1=2\n", "'a=1=2' is no line")]
    [InlineData("=1\n", "'=1' is no line")]
    [InlineData("a b=1\n", "'a b=1' is no line")]
    [InlineData("a=1\n\n", "'' is no line")]
    [InlineData("a=1", "A policy is lines")]
    [InlineData("", "A policy is lines")]
    [InlineData("ä=1\n", "A policy is lines")]
    [InlineData("feeBps=-1\nfloorMicrosPerHour=1\ngraceMs=1\nlevyBps=1\nversion=1\n", "'feeBps' is '-1'")]
    [InlineData("feeBps=2147483648\nfloorMicrosPerHour=1\ngraceMs=1\nlevyBps=1\nversion=1\n", "'feeBps' is '2147483648'")]
    [InlineData("feeBps=1\nfloorMicrosPerHour=9223372036854775808\ngraceMs=1\nlevyBps=1\nversion=1\n", "'floorMicrosPerHour' is")]
    public void A_policy_that_is_not_written_as_one_is_refused(string text, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => PolicyLines.Read(Encoding.UTF8.GetBytes(text))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_parameter_that_is_not_known_yet_is_kept()
    {
        var policy = PolicyLines.Read("allowanceEarnedBy=6\nfeeBps=1800\nfloorMicrosPerHour=15000000\ngraceMs=30000\nlevyBps=200\nversion=7\nzone=-1\n"u8);
        Assert.Equal((7, 15_000_000, 1800, 200, 30_000), (policy.Version, policy.Floor, policy.FeeBps, policy.LevyBps, policy.Grace));
        Assert.Equal(("6", "-1"), (policy.Parameters["allowanceEarnedBy"], policy.Parameters["zone"]));
    }

    private static bool IsReadOrRefused(byte[] leaf)
    {
        try
        {
            return Read(leaf).Number.ToString(CultureInfo.InvariantCulture).Length > 0;
        }
        catch (FormatException)
        {
            return true;
        }
    }

    private static Entry Read(byte[] leaf)
    {
        var entry = new Entry();
        LeafReader.Read(leaf, new Marketplace.Auditor.Entries.Names(), entry);
        return entry;
    }
}
