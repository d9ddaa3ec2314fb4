using Marketplace.Payment.Policy;

namespace Marketplace.ServiceTests.Payment;

/// <summary>Pay policies: the first by itself, the next on the command line, all of them again at each start.</summary>
public sealed class PolicyTests(PaymentFixture given) : IClassFixture<PaymentFixture>
{
    [Fact]
    public async Task The_next_policy_is_adopted_on_the_command_line_and_holds_for_jobs_funded_later()
    {
        var before = await given.AFundedJob();
        var (code, output, _) = await Run("adopt-policy", "--leaseLeastMs", "10800000", "--feeBps", "1700");
        Assert.Equal(0, code);
        Assert.Contains("\"version\": 2", output, StringComparison.Ordinal);
        await Wait.Eventually(() => given.Broker.Heard<PayPolicyAdopted>().Any(p => p is { Version: 2, LeaseLeastMs: 10_800_000, FeeBps: 1700, LevyBps: 200 }));

        var after = await given.AFundedJob();
        Assert.Equal(2, (await given.Funded(after.JobId)).PolicyVersion);
        await given.Broker.Publish(PaymentFixture.AnEnd(before));
        Assert.Equal(1, (await given.Funded(before.JobId, 10)).PolicyVersion);

        await given.Service.Stop();
        var heard = given.Broker.Heard<PayPolicyAdopted>().Count;
        await given.Service.Start();
        await Wait.Eventually(() => given.Broker.Heard<PayPolicyAdopted>().Count == heard + 2);
        Assert.Equal([1, 2], given.Broker.Heard<PayPolicyAdopted>().Skip(heard).Select(p => p.Version).Order());
    }

    [Fact]
    public async Task A_clock_that_went_back_before_the_first_policy_still_finds_it()
    {
        given.Service.Clock.Advance(TimeSpan.FromHours(-2));
        var job = await given.AFundedJob();
        given.Service.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(1, (await given.Funded(job.JobId)).PolicyVersion);
        Assert.Equal(0u, await given.Broker.Errors<JobPosted>("payment"));
    }

    [Theory]
    [InlineData("--feeBps", "10001", "FeeBps accepts")]
    [InlineData("--flour", "1", "no 'flour'")]
    [InlineData("--version", "7", "no 'version'")]
    [InlineData("--feeBps", "much", "")]
    [InlineData("--file", "/nowhere/policy.json", "policy.json")]
    public async Task A_policy_that_cannot_be_is_refused_and_nothing_is_changed(string name, string value, string says)
    {
        var (_, before, _) = await Run("show-policy");
        var (code, _, errors) = await Run("adopt-policy", name, value);
        Assert.Equal(2, code);
        Assert.Contains(says, errors, StringComparison.Ordinal);
        Assert.Equal(before, (await Run("show-policy")).Output);
    }

    private async Task<(int Code, string Output, string Errors)> Run(params string[] args)
    {
        await using var output = new StringWriter();
        await using var errors = new StringWriter();
        var code = await PolicyCommands.Run(args, given.Service.Services, output, errors, TestContext.Current.CancellationToken);
        return (code, output.ToString(), errors.ToString());
    }
}
