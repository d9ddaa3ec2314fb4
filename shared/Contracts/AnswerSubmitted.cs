using System.Text.Json;

namespace Marketplace.Contracts;

/// <summary>
/// Worker → requester: an answer. No working time in it, and the moment only to the minute.
/// Key: the assignment; a consumer keeps the first.
/// </summary>
public sealed record AnswerSubmitted
{
    public required Guid AssignmentId { get; init; }
    public required Guid JobId { get; init; }
    public required int TaskNumber { get; init; }

    /// <summary>The worker's name towards this requester; another for each requester.</summary>
    public required Guid Pseudonym { get; init; }

    /// <summary><c>{"label": "…"}</c> for a choice, <c>{"text": "…"}</c> for a text.</summary>
    public required JsonElement Answer { get; init; }

    /// <summary>Truncated to the minute.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }
}
