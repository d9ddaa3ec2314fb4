using Marketplace.Requester.Results;

namespace Marketplace.UnitTests.Requester;

public sealed class MajorityTests
{
    [Theory]
    [InlineData("b", 2, 3, false, "b", "a", "b")]
    [InlineData("a", 1, 2, true, "b", "a")]
    [InlineData("2", 1, 3, true, "10", "2", "x")]
    [InlineData("-1", 1, 2, true, "0", "-1")]
    [InlineData("B", 1, 2, true, "a", "B")]
    [InlineData("only", 1, 1, false, "only")]
    public void The_most_votes_win_and_of_several_the_smaller_label_marked(string label, int votes, int all, bool tied, params string[] answers) =>
        Assert.Equal(new Majority(label, votes, all, tied), Majority.Of(answers));

    [Fact]
    public void The_order_of_answers_never_matters() =>
        Gen.Select(Gen.OneOf("a", "b", "c", "1", "01", "10", "2").List[1, 12], Gen.Int).Sample((answers, seed) =>
            Majority.Of(answers) == Majority.Of(answers.OrderBy(a => HashCode.Combine(a, seed)).ToArray()));

    [Fact]
    public void Alpha_is_that_of_Krippendorffs_example_without_missing_values()
    {
        // Krippendorff 2011, section A: two observers, ten units, nominal: alpha = 0.095.
        var (a, b) = ("0100000010", "1110010000");
        var agreement = new Agreement();
        for (var i = 0; i < 10; i++)
            agreement.Add([a[i].ToString(), b[i].ToString()], 2);
        Assert.Equal(0.095, Math.Round(agreement.Alpha!.Value, 3));
        Assert.Equal(10, agreement.Complete);
    }

    [Fact]
    public void Full_agreement_on_two_labels_is_1_and_on_one_label_says_nothing()
    {
        var agreement = new Agreement();
        agreement.Add(["a", "a"], 2);
        Assert.Null(agreement.Alpha);
        agreement.Add(["b", "b"], 2);
        Assert.Equal(1, agreement.Alpha);
    }
}
