using Marketplace.Auditor.Books;

namespace Marketplace.UnitTests.Books;

public sealed class KeySetTests
{
    [Fact]
    public void It_says_what_a_set_says_whatever_comes_and_however_much() =>
        Gen.ULong[0, 40].Select(low => low << (int)(low % 60)).Array[0, 3000].Sample(numbers =>
        {
            var (set, expected) = (new KeySet(seed: 0x9E3779B97F4A7C15), new HashSet<ulong>());
            return numbers.All(number => set.Add(number) == expected.Add(number));
        }, iter: 200);

    [Fact]
    public void It_forgets_nothing_while_it_grows()
    {
        var set = new KeySet(seed: 0x9E3779B97F4A7C15);
        for (var i = 0UL; i < 200_000; i++)
            Assert.True(set.Add(i * 0xD6E8FEB86659FD93));
        for (var i = 0UL; i < 200_000; i++)
            Assert.False(set.Add(i * 0xD6E8FEB86659FD93));
    }

    [Theory]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public void It_takes_10_to_13_bytes_for_each(int count)
    {
        var set = new KeySet(seed: 0x9E3779B97F4A7C15);
        var random = new Random(7);
        for (var i = 0; i < count; i++)
            set.Add((ulong)random.NextInt64());
        Assert.InRange(set.Bytes / (double)count, 10, 13);
    }

    [Fact]
    public void Numbers_in_a_row_or_alike_at_one_end_are_spread_over_all_of_it()
    {
        foreach (var shift in new[] { 0, 20, 40 })
        {
            var set = new KeySet(seed: 0x9E3779B97F4A7C15);
            for (var i = 1UL; i <= 100_000; i++)
                Assert.True(set.Add(i << shift));
            Assert.InRange(set.Bytes, 1_000_000, 1_400_000);
        }
    }
}
