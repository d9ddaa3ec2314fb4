namespace Marketplace.UnitTests.PayRule;

public sealed class MeasuredTests
{
    private static readonly PayPolicy Policy = PayPolicy.Default(1, default);

    [Fact]
    public void Nothing_is_measured_before_the_sample()
    {
        Assert.Null(Measured.Of(Policy, []));
        Assert.Null(Measured.Of(Policy, Answers(workers: 7, each: 3)));
        Assert.Null(Measured.Of(Policy, Answers(workers: 8, each: 2)));
        Assert.Null(Measured.Of(Policy, Answers(workers: 19, each: 1)));
        Assert.NotNull(Measured.Of(Policy, Answers(workers: 20, each: 1)));
        Assert.NotNull(Measured.Of(Policy, Answers(workers: 8, each: 3)));
    }

    [Fact]
    public void One_slow_worker_with_many_answers_has_one_voice()
    {
        var slow = Guid.NewGuid();
        var answers = Answers(workers: 8, each: 1).Concat(Enumerable.Repeat((slow, Duration.Seconds(60)), 12));

        Assert.Equal(new Duration(11_000), Measured.Of(Policy, answers));
    }

    [Fact]
    public void A_median_is_one_of_the_values_and_the_lower_of_two()
    {
        Assert.Equal(new Duration(2), Measured.LowerMedian([new(3), new(1), new(2)]));
        Assert.Equal(new Duration(2), Measured.LowerMedian([new(4), new(1), new(3), new(2)]));
        Assert.Equal(new Duration(7), Measured.LowerMedian([new(7)]));
    }

    [Theory]
    [InlineData(1, 1, 1, 1)]
    [InlineData(2, 1, 1, 2)]
    [InlineData(4, 1, 2, 3)]
    [InlineData(5, 2, 3, 4)]
    [InlineData(8, 2, 4, 6)]
    public void Quartiles_are_values_as_in_SQL(int count, long lower, long median, long upper)
    {
        var values = Enumerable.Range(1, count).Select(n => (long)n).ToArray();
        Assert.Equal([lower, median, upper], new[] { 1, 2, 3 }.Select(quarter => Measured.Quartile(values, quarter)));
    }

    private static IEnumerable<(Guid Worker, Duration Credited)> Answers(int workers, int each) =>
        Enumerable.Range(0, workers).Select(_ => Guid.NewGuid())
            .SelectMany(worker => Enumerable.Repeat((worker, new Duration(11_000)), each));
}
