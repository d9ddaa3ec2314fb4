using System.Text.Json;

namespace Marketplace.Contracts;

/// <summary>
/// Requester → worker: up to 500 tasks (and 1 MB) of a job, numbered on from <see cref="FirstNumber"/>. A task is named
/// by its job and number. Key: the task; a consumer keeps the first.
/// </summary>
public sealed record TaskPosted
{
    public required Guid JobId { get; init; }

    /// <summary>The number of the first task; the first of a job is 1.</summary>
    public required int FirstNumber { get; init; }

    /// <summary>Answers wanted of each of these tasks.</summary>
    public required int Wanted { get; init; }

    /// <summary>One JSON object a task.</summary>
    public required JsonElement[] Inputs { get; init; }
}
