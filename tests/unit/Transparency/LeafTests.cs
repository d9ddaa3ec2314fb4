using Marketplace.Auditor.Entries;
using Marketplace.Payment.Ledger;
using Marketplace.Payment.Transparency;

namespace Marketplace.UnitTests.Transparency;

/// <summary>
/// The bytes of leaves never change: those in <c>leaves/</c> were written by another encoder, from the README alone. Each file holds
/// a leaf and its hash, in hex.
/// </summary>
public sealed class LeafTests
{
    public static TheoryData<string> Names => [.. LeafEntries.All.Keys];

    [Theory, MemberData(nameof(Names))]
    public void A_leaf_is_what_it_was_frozen_as_to_the_last_bit(string name)
    {
        var (leaf, hash) = Frozen(name);
        Assert.Equal(leaf, Convert.ToHexStringLower(Leaf.Encode(LeafEntries.All[name])));
        Assert.Equal(hash, Convert.ToHexStringLower(Merkle.LeafHash(Convert.FromHexString(leaf))));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_leaf_of_version_2_is_what_it_was_frozen_as_to_the_last_bit(string name)
    {
        var (leaf, hash) = FrozenLeaf.Read("leaves-2", name);
        Assert.Equal(leaf, Convert.ToHexStringLower(Leaf.Encode(Second(LeafEntries.All[name]))));
        Assert.Equal(hash, Convert.ToHexStringLower(Merkle.LeafHash(Convert.FromHexString(leaf))));
    }

    [Theory, MemberData(nameof(Names))]
    public void The_auditor_reads_the_same_out_of_it(string name)
    {
        var (entry, read) = (LeafEntries.All[name], Read(Convert.FromHexString(Frozen(name).Leaf)));
        Assert.Equal(
            (entry.Number, entry.Kind, entry.At.ToUnixTimeMilliseconds(), entry.Currency, entry.Corrects ?? 0, entry.JobId),
            (read.Number, read.Kind, read.At, read.Currency, read.Corrects, read.Job));
        Assert.Equal(entry.Key, Hex(read.Key.First, read.Key.Second));
        Assert.Equal(entry.Commitment, read.Commitment is var (first, second) ? Hex(first, second) : null);
        Assert.Equal(entry.Postings.Select(p => (p.Account, p.AmountMicros)).Order(), read.Postings.ToArray().Order());
        Assert.Equal(entry.Payout?[..32], read.Payout is { } payout ? Hex(payout) : null);
        Assert.Equal(
            entry.Pay is { } pay
                ? new Auditor.Entries.PayFacts(
                    pay.End.ToString().ToLowerInvariant(), pay.TermsVersion, pay.PolicyVersion, pay.RewardMicros, pay.LimitMs, pay.ReadingMs,
                    pay.FloorMicrosPerHour, pay.CreditedMs, pay.OwedMicros, pay.TopUpMicros, pay.PayMicros, pay.FeeMicros, pay.LevyMicros)
                {
                    Time = new(pay.ActiveMs!.Value, pay.UnseenMs!.Value, pay.AllowanceLeftMs!.Value, pay.FirstOfJob!.Value),
                }
                : null,
            read.Pay);
        Assert.Equal(
            entry.Policy is { } policy ? (policy.Version, policy.FloorMicrosPerHour, policy.FeeBps, policy.LevyBps, policy.GraceMs) : default,
            read.Policy is { } adopted ? (adopted.Version, adopted.Floor, adopted.FeeBps, adopted.LevyBps, adopted.Grace) : default);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_leaf_that_was_cut_or_goes_on_is_not_read(string name)
    {
        var leaf = Convert.FromHexString(Frozen(name).Leaf);
        for (var length = 0; length < leaf.Length; length++)
            Assert.Throws<FormatException>(() => Read(leaf[..length]));
        Assert.Throws<FormatException>(() => Read([.. leaf, 0]));
        Assert.Throws<FormatException>(() => Read([3, .. leaf[1..]]));
    }

    [Theory, MemberData(nameof(Names))]
    public void Whatever_changes_in_an_entry_changes_its_leaf(string name)
    {
        var entry = LeafEntries.All[name];
        var before = Convert.ToHexStringLower(Leaf.Encode(entry));
        foreach (var changed in Changes(entry))
            Assert.NotEqual(before, Convert.ToHexStringLower(Leaf.Encode(changed)));
    }

    /// <summary>The entry with each of its fields changed by the least that there is; titles and words of accounts' kinds are no part of it.</summary>
    private static IEnumerable<PublicEntry> Changes(PublicEntry entry)
    {
        yield return entry with { Number = entry.Number + 1 };
        yield return entry with { Kind = entry.Kind + "x" };
        yield return entry with { At = entry.At.AddMilliseconds(1) };
        yield return entry with { Currency = "EUS" };
        yield return entry with { Key = Flipped(entry.Key) };
        yield return entry with { Commitment = entry.Commitment is { } c ? Flipped(c) : new string('0', 64) };
        yield return entry with { Corrects = (entry.Corrects ?? 0) + 1 };
        yield return entry with { JobId = entry.JobId is null ? Guid.Empty : null };
        yield return entry with { Postings = [.. entry.Postings, new() { Account = "", AccountKind = "", AmountMicros = 0, Commitment = null }] };
        foreach (var posting in entry.Postings)
        {
            yield return entry with { Postings = [.. entry.Postings.Select(p => p == posting ? p with { AmountMicros = p.AmountMicros + 1 } : p)] };
            yield return entry with { Postings = [.. entry.Postings.Select(p => p == posting ? p with { Account = p.Account + "x" } : p)] };
            yield return entry with { Postings = [.. entry.Postings.Where(p => p != posting)] };
        }

        if (entry.Payout is { } payout)
            yield return entry with { Payout = Flipped(payout) };
        foreach (var pay in entry.Pay is { } facts ? Each(facts, nameof(facts.FeeBps), nameof(facts.LevyBps)) : [])
            yield return entry with { Pay = pay };
        foreach (var policy in entry.Policy is { } parameters ? Each(parameters) : [])
            yield return entry with { Policy = policy };
    }

    /// <summary>Copies of a record, in each of which another property is one more.</summary>
    private static IEnumerable<T> Each<T>(T record, params string[] butNot)
        where T : notnull
    {
        foreach (var property in typeof(T).GetProperties().Where(p => p.SetMethod is not null && !butNot.Contains(p.Name)))
        {
            var copy = (T)typeof(T).GetMethod("<Clone>$")!.Invoke(record, null)!;
            property.SetValue(copy, property.GetValue(record) switch
            {
                int number => number + 1,
                long number => number + 1,
                bool yes => !yes,
                DateTimeOffset at => at.AddMilliseconds(1),
                AssignmentEnd end => end == AssignmentEnd.Broken ? AssignmentEnd.Returned : AssignmentEnd.Broken,
                null when property.Name is "Facts" => new string('f', 64),
                var other => throw new InvalidOperationException($"{property.Name} is {other}"),
            });
            yield return copy;
        }
    }

    private static string Flipped(string hex) => hex[..^1] + (hex[^1] == '0' ? '1' : '0');

    private static (string Leaf, string Hash) Frozen(string name) => FrozenLeaf.Read("leaves", name);

    /// <summary>The entry as it would become public today, by itself: <c>leaves-2/README.md</c> says how it differs.</summary>
    private static PublicEntry Second(PublicEntry entry) => entry with
    {
        Batch = entry.Number - 1,
        At = PublicEntry.Shown(entry.Kind, entry.Number - 1, entry.At),
        Pay = entry.Pay is not { } pay ? null : pay with
        {
            ActiveMs = null,
            UnseenMs = null,
            AllowanceLeftMs = null,
            FirstOfJob = null,
            Facts = Convert.ToHexStringLower(new DayFacts
            {
                ActiveMs = pay.ActiveMs!.Value,
                AllowanceLeftMs = pay.AllowanceLeftMs!.Value,
                FirstOfJob = pay.FirstOfJob!.Value,
                UnseenMs = pay.UnseenMs!.Value,
                WallMs = pay.ActiveMs == 21_000 ? 21_000 : 600_000,
            }.Commitment(GivenReceipt.Salt)),
        },
    };

    private static Auditor.Entries.Entry Read(byte[] leaf)
    {
        var entry = new Auditor.Entries.Entry();
        LeafReader.Read(leaf, new Names(), entry);
        return entry;
    }

    private static string Hex(params UInt128[] halves) => string.Concat(halves.Select(h => h.ToString("x32", System.Globalization.CultureInfo.InvariantCulture)));
}
