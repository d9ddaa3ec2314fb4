using System.Text.Json;
using Marketplace.Contracts;

namespace Marketplace.Worker.Assignments;

/// <summary>An assignment with all that its worker needs to do it, as the page shows it and programs get it.</summary>
internal sealed record Work
{
    public required Assignment Assignment { get; init; }
    public required string Title { get; init; }
    public required string RequesterName { get; init; }

    /// <summary>Null where the job has none.</summary>
    public required string? Instructions { get; init; }
    public required JobTemplate Template { get; init; }

    /// <summary>The task's columns, each a text.</summary>
    public required JsonElement Input { get; init; }
    public required long FloorMicrosPerHour { get; init; }

    /// <summary>The work as programs get it.</summary>
    /// <param name="now">For times so far; null for those at the claim, so that a repeated request gets the same response.</param>
    internal WorkJson ToJson(DateTimeOffset? now) => new()
    {
        AssignmentId = Assignment.AssignmentId,
        JobId = Assignment.JobId,
        TaskNumber = Assignment.Number,
        Title = Title,
        RequesterName = RequesterName,
        Instructions = Assignment.FirstOfJob ? Instructions : null,
        Template = Template,
        Input = Input,
        RewardMicros = Assignment.RewardMicros,
        FloorMicrosPerHour = FloorMicrosPerHour,
        TimeLimitMs = Assignment.LimitMs,
        ReadingMs = Assignment.FirstOfJob ? Assignment.ReadingMs : 0,
        IdleMs = Assignment.IdleMs,
        EarliestSubmitMs = Assignment.EarliestSubmitMs,
        ClaimedAt = Assignment.ClaimedAt,
        LeaseUntil = Assignment.LeaseUntil,
        ActiveMs = now is null ? 0 : Assignment.ActiveMs,
        WallMs = now is { } at ? Assignment.WallAt(Assignment.EndedAt ?? at).Ms : 0,
        State = now is null ? "open" : Assignment.End ?? "open",
    };
}

/// <summary>An assignment as JSON. Money in micro-units, times in ms.</summary>
internal sealed record WorkJson
{
    public required Guid AssignmentId { get; init; }
    public required Guid JobId { get; init; }
    public required int TaskNumber { get; init; }
    public required string Title { get; init; }
    public required string RequesterName { get; init; }

    /// <summary>What to read before the first answer of the job; null later.</summary>
    public required string? Instructions { get; init; }
    public required JobTemplate Template { get; init; }
    public required JsonElement Input { get; init; }
    public required long RewardMicros { get; init; }
    public required long FloorMicrosPerHour { get; init; }

    /// <summary>The most active time that is paid, with <see cref="ReadingMs"/> on top.</summary>
    public required long TimeLimitMs { get; init; }

    /// <summary>Paid time for the instructions, in a first assignment of the job; 0 later.</summary>
    public required long ReadingMs { get; init; }

    /// <summary>A silence up to this long counts as work.</summary>
    public required long IdleMs { get; init; }

    /// <summary>An answer is taken from this long after the claim.</summary>
    public required long EarliestSubmitMs { get; init; }
    public required DateTimeOffset ClaimedAt { get; init; }
    public required DateTimeOffset LeaseUntil { get; init; }
    public required long ActiveMs { get; init; }
    public required long WallMs { get; init; }

    /// <summary><c>open</c>, <c>submitted</c>, <c>returned</c>, <c>expired</c> or <c>broken</c>.</summary>
    public required string State { get; init; }
}
