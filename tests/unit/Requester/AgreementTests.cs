using Marketplace.Requester.Results;

namespace Marketplace.UnitTests.Requester;

/// <summary>The examples of K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), nominal data.</summary>
public sealed class AgreementTests
{
    [Theory]
    [InlineData(0.095, "0100000010", "1110010000")]
    [InlineData(0.692, "aabbdcccedda", "babbbccceddd")]
    [InlineData(0.743, "123321412...", "1233224125.3", ".3332342251.", "12332441251.")]
    public void Alpha_is_that_of_the_paper(double alpha, params string[] observers)
    {
        var agreement = new Agreement();
        for (var unit = 0; unit < observers[0].Length; unit++)
            agreement.Add([.. observers.Select(answers => answers[unit]).Where(answer => answer != '.').Select(answer => answer.ToString())], observers.Length);

        Assert.Equal(alpha, agreement.Alpha!.Value, 3);
    }

    [Fact]
    public void Nothing_to_compare_has_no_alpha()
    {
        var agreement = new Agreement();
        Assert.Null(agreement.Alpha);
        agreement.Add([], 3);
        agreement.Add(["a"], 3);
        Assert.Null(agreement.Alpha);
        agreement.Add(["a", "a"], 3);
        Assert.Null(agreement.Alpha);
    }

    [Fact]
    public void Tasks_are_counted_by_the_votes_of_their_majority()
    {
        var agreement = new Agreement();
        agreement.Add(["a", "a", "b"], 3);
        agreement.Add(["a", "a", "a"], 3);
        agreement.Add(["b", "a"], 3);

        Assert.Equal((2, 1), (agreement.Complete, agreement.Tied));
        Assert.Equal([(2, 1L), (3, 1L)], agreement.ByVotes.Select(votes => (votes.Key, votes.Value)));
        Assert.Equal(3, agreement.Majorities["a"]);
    }
}
