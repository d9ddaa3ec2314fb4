using System.Globalization;
using Marketplace.Ui;

namespace Marketplace.UnitTests.Ui;

public sealed class MoneyTextTests
{
    private static readonly CultureInfo English = new("en-GB");
    private static readonly CultureInfo German = new("de-DE");

    private static readonly Gen<CultureInfo> Readers = Gen.OneOf(
        ["en-GB", "en-US", "de-DE", "de-CH", "fr-FR", "pl-PL", "es-ES", "sv-SE", "hi-IN"]).Select(name => new CultureInfo(name));

    [Theory]
    [InlineData(125_000, "0.125", "0.12", "0.125000")]
    [InlineData(50_000, "0.05", "0.05", "0.050000")]
    [InlineData(1_000_000, "1.00", "1.00", "1.000000")]
    [InlineData(1, "0.000001", "0.00", "0.000001")]
    [InlineData(0, "0.00", "0.00", "0.000000")]
    [InlineData(1_234_567_891, "1,234.567891", "1,234.56", "1,234.567891")]
    [InlineData(-1_999_999, "\u22121.999999", "\u22121.99", "\u22121.999999")]
    public void A_price_shows_what_it_must_a_balance_is_cut_a_column_shows_all(long micros, string price, string balance, string exact)
    {
        Assert.Equal(price, MoneyText.Price(micros, English).ToString());
        Assert.Equal(balance, MoneyText.Balance(micros, English).ToString());
        Assert.Equal(exact, MoneyText.Exact(micros, English).ToString());
    }

    [Fact]
    public void A_reader_sees_their_own_signs() => Assert.Equal("1.234,567891", MoneyText.Exact(1_234_567_891, German).ToString());

    [Theory]
    [InlineData(1_396_269_000, "1,396.27")]
    [InlineData(1_396_270_000, "1,396.27")]
    [InlineData(1, "0.01")]
    [InlineData(0, "0.00")]
    public void Only_never_more_than_is_rounded_up(long micros, string atMost) =>
        Assert.Equal(atMost, MoneyText.AtMost(micros, English).ToString());

    [Fact]
    public void The_smallest_and_the_largest_amount_can_be_shown()
    {
        Assert.Equal("9,223,372,036,854.775807", MoneyText.Exact(long.MaxValue, English).ToString());
        Assert.Equal("\u22129,223,372,036,854.775808", MoneyText.Exact(long.MinValue, English).ToString());
    }

    [Fact]
    public void What_a_field_shows_is_read_back_in_every_culture() =>
        Gen.Select(Gen.OneOf(Gen.Long[0, 10_000_000_000], Gen.Long[0, 1_000_000].Select(m => m * 10_000)), Readers).Sample((micros, reader) =>
            MoneyText.TryParse(MoneyText.Typed(micros, reader), reader, out var read) && read == micros);

    [Theory]
    [InlineData("0.125", 125_000)]
    [InlineData("0,125", 125_000)]
    [InlineData("12", 12_000_000)]
    [InlineData(" 12.5 ", 12_500_000)]
    [InlineData("1,000.50", 1_000_500_000)]
    [InlineData("1.000,50", 1_000_500_000)]
    [InlineData("1,000", 1_000_000_000)]
    [InlineData("1'000.50", 1_000_500_000)]
    public void People_type_amounts_in_many_ways(string typed, long micros)
    {
        Assert.True(MoneyText.TryParse(typed, English, out var read));
        Assert.Equal(micros, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("ten")]
    [InlineData("1e9")]
    [InlineData("0.0000001")]
    [InlineData("99999999999999999999")]
    [InlineData("0x10")]
    public void What_is_no_amount_is_not_read_as_one(string? typed) => Assert.False(MoneyText.TryParse(typed, English, out _));

    [Fact]
    public void Programs_get_a_plain_number() => Assert.Equal("1234.500000", MoneyText.Value(1_234_500_000));
}
