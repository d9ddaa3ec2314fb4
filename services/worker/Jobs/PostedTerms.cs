using Marketplace.PayRule;

namespace Marketplace.Worker.Jobs;

/// <summary>A requester's numbers as job-posted carried them; what they mean depends on the policy that the job was funded under.</summary>
internal sealed record PostedTerms(long RewardMicros, long? EstimateMs, long? TimeLimitMs, int InstructionWords)
{
    /// <summary>The job's terms; null where they break that policy, which payment then never funds.</summary>
    internal JobTerms? Terms(PayPolicy policy) => JobTerms.Resolve(
        policy,
        new(RewardMicros),
        EstimateMs is { } estimate ? new Contracts.Duration(estimate) : null,
        TimeLimitMs is { } limit ? new Contracts.Duration(limit) : null,
        InstructionWords).Terms;
}
