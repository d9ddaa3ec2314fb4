using System.Text.Json;

namespace Marketplace.Contracts;

/// <summary>
/// Worker → requester: an answer. No working time in it, the moment only to the hour, and no id that tells when the task was claimed.
/// Key: the job, the task and the pseudonym; a consumer keeps the first.
/// </summary>
public sealed record AnswerSubmitted
{
    /// <summary>
    /// The assignment's public id: random, made at the claim, the only name of an assignment that a requester ever sees. Null only in messages
    /// of versions before it.
    /// </summary>
    public Guid? AnswerId { get; init; }

    /// <summary>The assignment's own id, whose first bits are the millisecond of the claim. No longer sent; read for one release.</summary>
    public Guid? AssignmentId { get; init; }
    public required Guid JobId { get; init; }
    public required int TaskNumber { get; init; }

    /// <summary>The worker's name towards this requester; another for each requester.</summary>
    public required Guid Pseudonym { get; init; }

    /// <summary><c>{"label": "…"}</c> for a choice, <c>{"text": "…"}</c> for a text.</summary>
    public required JsonElement Answer { get; init; }

    /// <summary>Truncated to the hour, UTC.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }
}
