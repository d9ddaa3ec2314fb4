namespace Marketplace.UnitTests.PayRule;

public sealed class WorkingTimeTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 19, 9, 0, 0, TimeSpan.Zero);

    public static IEnumerable<TheoryDataRow<string>> Cases => CaseFile.Names("clock.csv");

    [Theory, MemberData(nameof(Cases))]
    public void Counts_as_the_case_says(string name)
    {
        var row = CaseFile.Row("clock.csv", name);
        var claimedAt = At(row.Number("claim_at"));
        var endedAt = At(row.Number("end_at"));
        var contacts = row.Text("contacts").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(ms => At(long.Parse(ms, System.Globalization.CultureInfo.InvariantCulture)));

        var active = WorkingTime.OfTrail(claimedAt, contacts, endedAt, row.Text("ended") == "worker", row.Time("idle_ms"));

        Assert.Equal(row.Time("active_ms"), active);
        Assert.Equal(row.Time("wall_ms"), Duration.Between(claimedAt, endedAt));
    }

    [Fact]
    public void Two_columns_hold_what_a_whole_trail_says() =>
        Trails.Sample((contacts, idle) =>
        {
            var folded = contacts.Order().Aggregate(WorkingTime.ClaimedAt(Start), (time, ms) => time.Contact(At(ms), idle));
            return folded.Active == Active(contacts, idle);
        });

    [Fact]
    public void Order_and_doubles_of_a_trail_change_nothing() =>
        Trails.Sample((contacts, idle) =>
            Active([.. contacts.Reverse(), .. contacts], idle) == Active(contacts, idle));

    [Fact]
    public void Active_time_is_never_more_than_passed_nor_than_one_idle_limit_a_contact() =>
        Trails.Sample((contacts, idle) =>
        {
            var active = Active(contacts, idle);
            return active >= Duration.Zero && active <= new Duration(contacts.Append(0).Max()) && active <= contacts.Length * idle;
        });

    [Fact]
    public void One_more_contact_never_takes_time_away() =>
        Gen.Select(Trails, Gen.Long[0, 3_600_000]).Sample((trail, extra) =>
            Active([.. trail.Item1, extra], trail.Item2) >= Active(trail.Item1, trail.Item2));

    [Fact]
    public void A_contact_that_is_not_later_changes_nothing()
    {
        var time = WorkingTime.ClaimedAt(Start).Contact(At(5000), Duration.Seconds(30));
        Assert.Equal(time, time.Contact(At(5000), Duration.Seconds(30)));
        Assert.Equal(time, time.Contact(At(1000), Duration.Seconds(30)));
    }

    [Theory]
    [InlineData(40_000, 75_000, 30_000, 40_000)]
    [InlineData(60_000, 35_000, 30_000, 5_000)]
    [InlineData(60_000, 9_000, 9_000, 0)]
    [InlineData(-1, 75_000, 30_000, 0)]
    public void Only_time_that_passed_can_be_asked_for(long askedMs, long wallMs, long activeMs, long unseenMs) =>
        Assert.Equal(new Duration(unseenMs), WorkingTime.Unseen(new Duration(askedMs), new Duration(wallMs), new Duration(activeMs)));

    private static readonly Gen<(long[], Duration)> Trails = Gen.Select(
        Gen.OneOf(Gen.Long[0, 60_000], Gen.Long[0, 3_600_000]).Array[0, 30],
        Gen.Long[1_000, 120_000].Select(ms => new Duration(ms)));

    private static Duration Active(long[] contacts, Duration idle) =>
        WorkingTime.OfTrail(Start, contacts.Select(At), At(3_600_000), endedByWorker: false, idle);

    private static DateTimeOffset At(long ms) => Start.AddMilliseconds(ms);
}
