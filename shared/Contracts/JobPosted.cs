namespace Marketplace.Contracts;

/// <summary>
/// Requester → payment, worker: a job with its terms, how a task looks, and the money set aside for it.
/// Key: the job; a consumer keeps the first. Sent again while it is neither funded nor refused.
/// </summary>
public sealed record JobPosted
{
    public required Guid JobId { get; init; }
    public required Guid RequesterId { get; init; }

    /// <summary>The requester's public name.</summary>
    public required string RequesterName { get; init; }
    public required string Title { get; init; }

    /// <summary>What a worker reads before the first task; plain text, may be empty.</summary>
    public required string Instructions { get; init; }

    /// <summary>The words of the instructions as counted by the requester service: they set the reading time.</summary>
    public required int InstructionWords { get; init; }
    public required JobTemplate Template { get; init; }
    public required long RewardMicros { get; init; }

    /// <summary>What the requester says one assignment takes; null: what the reward pays at the floor.</summary>
    public required long? EstimateMs { get; init; }

    /// <summary>Null: the least limit that the estimate allows.</summary>
    public required long? TimeLimitMs { get; init; }
    public required int TermsVersion { get; init; }

    /// <summary>How many tasks the job has so far.</summary>
    public required int Tasks { get; init; }

    /// <summary>Answers wanted of each task, by different workers.</summary>
    public required int Wanted { get; init; }
    public required long BudgetMicros { get; init; }
    public required DateTimeOffset PostedAt { get; init; }
}

/// <summary>How a task is shown and answered.</summary>
public sealed record JobTemplate
{
    public const string Choice = "choice";
    public const string Text = "text";

    /// <summary><see cref="Choice"/> (one of up to nine labels) or <see cref="Text"/> (a free answer).</summary>
    public required string Kind { get; init; }

    /// <summary>The question over each task.</summary>
    public required string Question { get; init; }

    /// <summary>The labels of a choice, one to nine, in order; empty for a text.</summary>
    public required string[] Labels { get; init; }

    /// <summary>The column of the input that names an image (in a task's input: a path <c>/media/{sha-256 in hex}</c>), or null.</summary>
    public string? ImageColumn { get; init; }

    /// <summary>The column of the input whose text is the thing to label, or null.</summary>
    public string? TextColumn { get; init; }
}
