using System.Globalization;
using Marketplace.Payment.Ledger;

namespace Marketplace.UnitTests.Ledger;

public sealed class EntryFilterTests
{
    [Fact]
    public void Nothing_given_is_everything()
    {
        var filter = EntryFilter.Read(null, " ", "", null, out var errors);
        Assert.True(filter.IsAll);
        Assert.Empty(errors);
        Assert.Equal("", filter.Query(null));
    }

    [Fact]
    public void What_is_given_comes_back_in_the_address_of_the_next_page()
    {
        var filter = EntryFilter.Read("deposit", "Birds & bees", "2026-11-19", "500", out var errors);
        Assert.Empty(errors);
        Assert.Equal("?kind=deposit&of=Birds%20%26%20bees&until=2026-11-19&before=17", filter.Query(17));
    }

    [Theory]
    [InlineData("gift", null, null, null, "kind")]
    [InlineData(null, "a\0b", null, null, "of")]
    [InlineData(null, null, "19.11.2026", null, "until")]
    [InlineData(null, null, "2026-02-30", null, "until")]
    [InlineData(null, null, "9999-12-31", null, "until")]
    [InlineData(null, null, null, "-1", "before")]
    [InlineData(null, null, null, "99999999999999999999", "before")]
    [InlineData(null, null, null, "1;drop table entry", "before")]
    public void What_cannot_be_read_is_named_with_what_could(string? kind, string? of, string? until, string? before, string field)
    {
        var filter = EntryFilter.Read(kind, of, until, before, out var errors);
        Assert.Equal(field, Assert.Single(errors).Field);
        Assert.True(filter.IsAll && filter.Before is null);
    }

    [Fact]
    public void A_text_of_any_length_is_not_taken()
    {
        EntryFilter.Read(null, new string('x', 201), null, null, out var errors);
        Assert.Contains("200", Assert.Single(errors).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("de", "2026-11-19T10:00Z", "11 to 12")]
    [InlineData("en-US", "2026-11-19T10:00Z", "11 AM to 12 PM")]
    [InlineData("en-US", "2026-11-19T14:00Z", "3 to 4 PM")]
    public void Pay_is_shown_by_its_hour_as_the_reader_writes_hours(string culture, string at, string shown) =>
        Assert.Equal(shown, EntryWords.Hour(
            DateTimeOffset.Parse(at, CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"), CultureInfo.GetCultureInfo(culture)));

    [Fact]
    public void Every_entry_has_its_hour_and_a_payout_its_day_and_only_old_ones_more()
    {
        var at = new DateTimeOffset(2026, 11, 19, 11, 47, 40, 120, TimeSpan.FromHours(1));
        var (hour, day) = (new DateTimeOffset(2026, 11, 19, 10, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 19, 0, 0, 0, TimeSpan.Zero));
        foreach (var kind in EntryWords.Kinds)
            Assert.Equal(kind.StartsWith("payout-", StringComparison.Ordinal) ? day : hour, PublicEntry.Shown(kind, 17, at));
        Assert.Equal(hour, PublicEntry.Shown(EntryKind.AssignmentPaid, null, at));
        Assert.Equal(at, PublicEntry.Shown(EntryKind.Deposit, null, at));
    }
}
