using System.Globalization;
using Marketplace.Ui;

namespace Marketplace.UnitTests.Ui;

public sealed class TimeTextTests
{
    private static readonly CultureInfo English = new("en-GB");

    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(41_249, "41.2 s")]
    [InlineData(59_999, "59.9 s")]
    [InlineData(60_000, "1 min")]
    [InlineData(94_000, "1 min 34 s")]
    [InlineData(3_599_999, "59 min 59 s")]
    [InlineData(41_040_000, "11 h 24 min")]
    [InlineData(7_200_000, "2 h")]
    [InlineData(-48_000, "\u2212 48 s")]
    public void A_length_of_time_is_cut_never_rounded_up(long ms, string text) => Assert.Equal(text, TimeText.Span(ms, English));

    [Theory]
    [InlineData(24_000, 41_000, "24 to 41 s")]
    [InlineData(24_000, 24_400, "24 s")]
    [InlineData(41_000, 70_000, "41 s to 1 min 10 s")]
    public void An_estimate_has_no_decimals(long fromMs, long toMs, string text) => Assert.Equal(text, TimeText.Range(fromMs, toMs, English));

    [Theory]
    [InlineData(41_200, "PT41.2S")]
    [InlineData(0, "PT0S")]
    [InlineData(94_001, "PT94.001S")]
    public void Programs_get_a_duration_of_ISO_8601(long ms, string text) => Assert.Equal(text, TimeText.Iso(ms));

    [Fact]
    public void A_sum_keeps_its_tenths()
    {
        Assert.Equal("1 min 31.8 s", TimeText.Exact(91_800, English));
        Assert.Equal("1 h 2 min 3.4 s", TimeText.Exact(3_723_400, English));
        Assert.Equal("2 min", TimeText.Exact(120_000, English));
    }

    [Fact]
    public void A_day_is_that_of_the_installation()
    {
        var berlin = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin");
        var late = new DateTimeOffset(2026, 11, 19, 23, 30, 0, TimeSpan.Zero);

        Assert.Equal(new DateOnly(2026, 11, 20), TimeText.DayOf(late, berlin));
        Assert.Equal("00:30", TimeText.Moment(late, berlin, English));
        Assert.Equal("Fri 20 Nov", TimeText.Day(new DateOnly(2026, 11, 20), new DateOnly(2026, 11, 24), English));
        Assert.Equal("Fri 20 Nov 2026", TimeText.Day(new DateOnly(2026, 11, 20), new DateOnly(2027, 1, 2), English));
    }
}
