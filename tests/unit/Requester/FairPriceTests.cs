using Marketplace.Requester.Jobs;

namespace Marketplace.UnitTests.Requester;

public sealed class FairPriceTests
{
    private static readonly PayPolicy Policy = PayPolicy.Default(1, default);

    private static readonly Draft Pavements = new()
    {
        Instructions = "Look at one street photo and choose the state of the pavement. Choose the worst thing you see.",
        RewardMicros = 125_000,
        EstimateMs = 30_000,
        TimeLimitMs = 150_000,
        Wanted = 3,
    };

    [Fact]
    public void A_requester_sees_what_the_numbers_mean()
    {
        var price = FairPrice.Of(Pavements, 599, Policy, "EUR")!;

        Assert.Null(price.Refusal);
        Assert.Equal((15_000_000, 125_000, 1797), (price.HourlyMicros, price.LeastRewardMicros, price.Answers));
        Assert.Equal((269_550_000, 339_000_000, 1_396_270_000), (price.ExpectedMicros, price.SuggestedBudgetMicros, price.NeverMoreThanMicros));
        Assert.Equal(436, price.ClaimsNow);
    }

    [Fact]
    public void Under_the_floor_it_says_what_would_be_accepted_and_still_shows_how_far_off_it_is()
    {
        var price = FairPrice.Of(Pavements with { RewardMicros = 50_000 }, 599, Policy, "EUR")!;

        Assert.Equal(new FieldProblem("reward", "0.05 EUR for 30 s is 6.00 EUR/h; the floor of 15.00 EUR/h needs at least 0.125 EUR"), price.Refusal);
        Assert.Equal(6_000_000, price.HourlyMicros);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(long.MaxValue)]
    public void Without_a_reward_that_could_be_one_there_is_no_price(long? reward) =>
        Assert.Null(FairPrice.Of(Pavements with { RewardMicros = reward }, 599, Policy, "EUR"));

    [Theory]
    [InlineData("", 0)]
    [InlineData("  \n\t ", 0)]
    [InlineData("one", 1)]
    [InlineData("two  words\nand  three\u00a0more", 5)]
    public void Words_are_what_white_space_separates(string text, int words) => Assert.Equal(words, JobRules.Words(text));

    [Fact]
    public void What_is_missing_is_named_by_field()
    {
        var missing = JobRules.WhatIsMissing(new Draft { Wanted = 0 }, [], 0).Select(problem => problem.Field);
        Assert.Equal(["title", "question", "labels", "wanted", "reward", "file"], missing);

        var whole = Pavements with { Title = "t", Question = "q", Labels = ["a"], TextColumn = "text" };
        Assert.Empty(JobRules.WhatIsMissing(whole, ["text"], 1));
        Assert.Equal(["textColumn"], JobRules.WhatIsMissing(whole, ["other"], 1).Select(problem => problem.Field));
    }

    [Fact]
    public void A_form_that_cannot_be_read_names_its_fields()
    {
        var typed = new Dictionary<string, string> { ["title"] = " Pavements ", ["labels"] = "yes\r\n\r\n no ", ["reward"] = "0,125", ["estimate"] = "thirty", ["wanted"] = "3.5" };
        var form = DraftForm.Read(typed.GetValueOrDefault);

        Assert.Equal(("Pavements", 125_000L), (form.Draft.Title, form.Draft.RewardMicros));
        Assert.Equal(["yes", "no"], form.Draft.Labels);
        Assert.Equal(["estimate", "wanted"], form.Problems.Select(problem => problem.Field));
    }
}
