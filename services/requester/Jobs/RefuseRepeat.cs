using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Marketplace.Requester.Jobs;

/// <summary>What is answered to a key that was used for something else.</summary>
internal static class RefuseRepeat
{
    internal static ProblemHttpResult NoSuchKey() => Problems.Refuse(
        400, "This Idempotency-Key cannot be used", $"Send 1 to {Idempotency.LongestKey} characters. Nothing was charged.");

    internal static ProblemHttpResult OtherRequest() => Problems.Refuse(
        409, "This key was used for another request",
        "An Idempotency-Key stands for one request. Nothing was changed; send this one under a key of its own.");
}
