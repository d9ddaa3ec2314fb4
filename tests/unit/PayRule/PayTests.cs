namespace Marketplace.UnitTests.PayRule;

public sealed class PayTests
{
    public static IEnumerable<TheoryDataRow<string>> Cases => CaseFile.Names("pay.csv");

    [Theory, MemberData(nameof(Cases))]
    public void Pays_as_the_case_says(string name)
    {
        var row = CaseFile.Row("pay.csv", name);
        var terms = new JobTerms
        {
            Policy = PayPolicy.Default(1, default) with { FloorPerHour = row.Money("floor_micros_per_hour") },
            Reward = row.Money("reward_micros"),
            Estimate = Duration.Seconds(1),
            Limit = row.Time("time_limit_ms"),
            Reading = row.Time("reading_ms"),
        };
        var pay = Pay.Of(terms, Enum.Parse<CreditKind>(row.Text("kind"), ignoreCase: true), new TimeSpent
        {
            Wall = row.Time("wall_ms"),
            Active = row.Time("active_ms"),
            Asked = row.Time("asked_ms"),
            AllowanceLeft = row.Time("allowance_ms"),
            FirstOfJob = true,
        });

        Assert.Equal(row.Time("credited_ms"), pay.Credit.Credited);
        Assert.Equal(row.Money("owed_micros"), pay.Owed);
        Assert.Equal(row.Money("pay_micros"), pay.Amount);
        Assert.Equal(row.Money("top_up_micros"), pay.TopUp);
        Assert.Equal(row.Time("allowance_used_ms"), pay.Credit.AllowanceUsed);
        Assert.Equal(row.Money("fee_micros"), pay.Fee);
        Assert.Equal(row.Money("levy_micros"), pay.Levy);
        Assert.Equal(row.Money("charged_micros"), pay.Charged);
        Assert.Equal(row.Money("worst_case_micros"), terms.Worst);
    }

    [Fact]
    public void Nobody_is_under_the_floor_for_credited_time() =>
        Samples.Ends.Sample(end =>
        {
            var pay = end.Pay;
            return (Int128)pay.Amount.Micros * 3_600_000 >= (Int128)end.Terms.Policy.FloorPerHour.Micros * pay.Credit.Credited.Ms
                && (pay.PerHour is not { } rate || rate >= end.Terms.Policy.FloorPerHour);
        });

    [Fact]
    public void An_answer_is_never_paid_less_than_its_reward() =>
        Samples.Ends.Where(end => end.Kind == CreditKind.Submitted).Sample(end => end.Pay.Amount >= end.Terms.Reward);

    [Fact]
    public void Nothing_costs_more_than_the_worst_case() =>
        Samples.Ends.Sample(end => end.Pay.Charged <= end.Terms.Worst && end.Pay.Amount <= end.Terms.WorstPay);

    [Fact]
    public void The_worst_case_is_reached_at_the_limit() =>
        Samples.Terms.Sample(terms =>
        {
            var all = terms.Limit + terms.Reading;
            var time = new TimeSpent { Wall = all, Active = all, AllowanceLeft = Duration.Zero, FirstOfJob = true };
            return Pay.Of(terms, CreditKind.Submitted, time).Charged == terms.Worst;
        });

    [Fact]
    public void More_active_time_never_pays_less() =>
        Gen.Select(Samples.Ends, Gen.Double.Unit).Sample((end, more) =>
        {
            var silent = end.Time.Wall - end.Time.Active;
            var longer = end.Time with { Active = end.Time.Active + new Duration((long)(silent.Ms * more)) };
            return NotLess(end.Pay, Pay.Of(end.Terms, end.Kind, longer));
        });

    [Fact]
    public void A_later_end_never_pays_less() =>
        Gen.Select(Samples.Ends, Samples.UpTo(Duration.Seconds(7200))).Sample((end, more) =>
            NotLess(end.Pay, Pay.Of(end.Terms, end.Kind, end.Time with { Wall = end.Time.Wall + more })));

    [Fact]
    public void Asking_for_more_never_pays_less() =>
        Gen.Select(Samples.Ends, Samples.UpTo(Duration.Seconds(7200))).Sample((end, more) =>
            NotLess(end.Pay, Pay.Of(end.Terms, end.Kind, end.Time with { Asked = end.Time.Asked + more })));

    [Fact]
    public void A_higher_floor_never_pays_less() =>
        Gen.Select(Samples.Ends, Gen.Long[0, 100_000_000]).Sample((end, more) =>
        {
            var policy = end.Terms.Policy with { FloorPerHour = end.Terms.Policy.FloorPerHour + new Money(more) };
            return NotLess(end.Pay, Pay.Of(end.Terms with { Policy = policy }, end.Kind, end.Time));
        });

    [Fact]
    public void The_cooperative_earns_nothing_without_an_answer() =>
        Samples.Ends.Where(end => end.Kind != CreditKind.Submitted).Sample(end =>
            end.Pay.Reward == Money.Zero && end.Pay.Fee == Money.Zero && end.Pay.Levy == Money.Zero && end.Pay.Charged == end.Pay.Amount);

    private static bool NotLess(Pay before, Pay after) => after.Amount >= before.Amount && after.Charged >= before.Charged;
}
