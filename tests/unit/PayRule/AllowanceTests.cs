namespace Marketplace.UnitTests.PayRule;

public sealed class AllowanceTests
{
    private static readonly PayPolicy Policy = PayPolicy.Default(1, default);

    public static IEnumerable<TheoryDataRow<string>> Cases => CaseFile.Names("person.csv");

    [Theory, MemberData(nameof(Cases))]
    public void Leaves_what_the_case_says(string name)
    {
        var row = CaseFile.Row("person.csv", name);
        Assert.Equal(
            row.Time("allowance_left_ms"),
            Allowance.Left(Policy, row.Time("submitted_24h_ms"), row.Time("allowance_used_24h_ms")));
    }

    [Fact]
    public void Nobody_claims_at_ten_hours_of_credited_time()
    {
        var most = Duration.Seconds(10 * 3600);
        Assert.True(Allowance.MayClaim(Policy, most - new Duration(1)));
        Assert.False(Allowance.MayClaim(Policy, most));
        Assert.False(Allowance.MayClaim(Policy, most + new Duration(1)));
    }

    [Fact]
    public void The_window_is_the_last_24_hours()
    {
        var now = new DateTimeOffset(2026, 11, 19, 9, 0, 0, TimeSpan.Zero);
        Assert.Equal(new DateTimeOffset(2026, 11, 18, 9, 0, 0, TimeSpan.Zero), Allowance.CountsAfter(now));
    }
}
