using Marketplace.Contracts;
using Marketplace.PayRule;
using Marketplace.Ui;

namespace Marketplace.Worker.Jobs;

/// <summary>What a visitor sees first. Its example is a task of half a minute at the floor.</summary>
/// <param name="Policy">The policy in force; null until payment has announced one.</param>
internal sealed record VisitorPage(PayPolicy? Policy)
{
    private static readonly Duration Example = Duration.Seconds(30);

    /// <summary>The pay of the example; null without a policy.</summary>
    internal CurveShape? Curve => Policy is null ? null : new(
        JobTerms.LeastReward(Policy, Example).Micros, Policy.FloorPerHour.Micros, JobTerms.LimitRange(Policy, Example).Shortest.Ms);
}
