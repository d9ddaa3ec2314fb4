using Marketplace.Auditor.Books;

namespace Marketplace.UnitTests.Transparency;

public sealed class KeySetTests
{
    [Fact]
    public void It_says_what_a_set_says_whatever_comes_and_however_much() =>
        Gen.ULong[0, 40].Select(low => new UInt128(low % 3, low << (int)(low % 60))).Array[0, 3000].Sample(keys =>
        {
            var (set, expected) = (new KeySet(), new HashSet<UInt128>());
            return keys.All(key => set.Add(key) == expected.Add(key));
        }, iter: 200);

    [Fact]
    public void It_grows()
    {
        var set = new KeySet();
        for (var i = 0UL; i < 100_000; i++)
            Assert.True(set.Add(new UInt128(i * 0x9E3779B97F4A7C15, i)));
        for (var i = 0UL; i < 100_000; i++)
            Assert.False(set.Add(new UInt128(i * 0x9E3779B97F4A7C15, i)));
    }
}
