using Marketplace.PayRule;
using Marketplace.Platform;
using Marketplace.Worker.Assignments;

namespace Marketplace.Worker.Jobs;

/// <summary>The rules in force, in plain words and with every parameter.</summary>
internal sealed class ShowPolicy(PolicyQueries policies)
{
    internal async Task<IResult> Handle(HttpContext http)
    {
        var policy = await policies.InForce(http.RequestAborted);
        if (!http.Request.WantsJson())
            return new View<PolicyPage>("/Jobs/Policy.cshtml", new(policy), StatusCodes.Status200OK);

        return policy is null
            ? Problems.Refuse(404, "No pay policy is known yet", "It comes from the payment service at its first start. Ask again in a moment.")
            : TypedResults.Ok(policy.ToEvent());
    }
}

/// <summary>The page of the rules.</summary>
/// <param name="Policy">Null until payment has announced one.</param>
internal sealed record PolicyPage(PayPolicy? Policy);
