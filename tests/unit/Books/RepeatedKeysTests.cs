using Marketplace.Auditor.Books;
using Marketplace.Auditor.Entries;

namespace Marketplace.UnitTests.Books;

public sealed class RepeatedKeysTests
{
    [Fact]
    public void Keys_that_only_begin_alike_are_suspected_and_not_found()
    {
        var first = new EntryKey((UInt128)7 << 64, 1);
        EntryKey[] alike = [first, first with { Second = 2 }, first with { First = first.First + 1 }];
        Assert.Empty(Found(alike, out var compared));
        Assert.True(compared);
    }

    [Fact]
    public void Keys_that_begin_differently_need_no_second_pass()
    {
        Assert.Empty(Found([.. Enumerable.Range(0, 1000).Select(i => new EntryKey((UInt128)(ulong)i << 64, 5))], out var compared));
        Assert.False(compared);
    }

    [Fact]
    public void A_key_that_came_before_is_found_each_time_among_those_that_begin_alike()
    {
        var (one, other) = (new EntryKey(0, 1), new EntryKey(0, 2));
        Assert.Equal([2, 4, 5], Found([one, other, one, new EntryKey((UInt128)1 << 64, 1), other, one], out _));
    }

    /// <summary>Few beginnings and few ends, so that all of it happens: the same key, and another that begins alike.</summary>
    [Fact]
    public void It_finds_exactly_the_keys_that_came_before() =>
        Gen.Select(Gen.Int[0, 15], Gen.Int[0, 2], Gen.Int[0, 2]).Select((a, b, c) => new EntryKey(((UInt128)(uint)a << 64) | (uint)b, (uint)c)).Array[0, 60].Sample(keys =>
        {
            var seen = new HashSet<EntryKey>();
            return Found(keys, out _).SequenceEqual(Enumerable.Range(0, keys.Length).Where(i => !seen.Add(keys[i])));
        });

    /// <summary>Places of the keys that came before, as the auditor looks for them.</summary>
    private static List<int> Found(EntryKey[] keys, out bool compared)
    {
        var repeated = new RepeatedKeys(seed: 0x9E3779B97F4A7C15);
        foreach (var key in keys)
            repeated.Suspect(key);
        compared = repeated.MustCompare;
        return compared ? [.. Enumerable.Range(0, keys.Length).Where(i => repeated.CameBefore(keys[i]))] : [];
    }
}
