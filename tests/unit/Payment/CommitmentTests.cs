using Marketplace.Payment.Ledger;

namespace Marketplace.UnitTests.Payment;

public sealed class CommitmentTests
{
    private static readonly byte[] Salt = [.. Enumerable.Range(0, 32).Select(n => (byte)n)];
    private static readonly Guid Worker = Guid.Parse("0198b1c2-1234-7abc-8def-0123456789ab");
    private const string Key = "assignment:0198b1c2-0000-7000-8000-000000000001";

    /// <summary>Computed with another program from the definition: salt, a zero byte, the id's 16 bytes as they are written, the key.</summary>
    [Fact]
    public void A_commitment_is_what_others_compute() =>
        Assert.Equal("045ce2a32c4b8a2995e7e1e4fbb8b697de0f2bf238c02e3bdf06f6f247060f22", Convert.ToHexStringLower(Commitment.Of(Salt, Worker, Key)));

    [Fact]
    public void Every_part_changes_it()
    {
        byte[] otherSalt = [.. Salt];
        otherSalt[31] ^= 1;
        string[] different =
        [
            Hex(Salt, Worker, Key), Hex(otherSalt, Worker, Key), Hex(Salt, Guid.Parse("0198b1c2-1234-7abc-8def-0123456789ac"), Key),
            Hex(Salt, Worker, Key + "0"), Hex(Salt, Worker, ""), Hex(Salt, Worker, "Ä"),
        ];
        Assert.Equal(different.Length, different.Distinct().Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_salt_of_another_length_is_refused(int length) =>
        Assert.Throws<ArgumentException>(() => Commitment.Of(new byte[length], Worker, Key));

    private static string Hex(byte[] salt, Guid worker, string key) => Convert.ToHexString(Commitment.Of(salt, worker, key));
}
