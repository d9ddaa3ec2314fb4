using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Marketplace.Payment;

/// <summary>Why something about money was not done, at which field, and what would be. Nothing was changed.</summary>
internal sealed record Refusal(int Status, string Title, string Detail, string? Field = null)
{
    internal static readonly Refusal NoKey = new(
        400, "Idempotency-Key is missing", "Send an Idempotency-Key of at most 200 characters, another for each thing you want done: so a repeat does it once.");

    internal static readonly Refusal KeyUsed = new(
        409, "This Idempotency-Key was used for another request", "Nothing was changed. Use a new key for a new request.");

    internal ProblemHttpResult ToProblem() =>
        Field is null ? Problems.Refuse(Status, Title, Detail) : Problems.Refuse(Status, Title, Detail, (Field, Detail));
}
