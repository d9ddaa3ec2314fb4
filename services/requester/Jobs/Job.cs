using Marketplace.Contracts;
using Marketplace.PayRule;

namespace Marketplace.Requester.Jobs;

/// <summary>What a requester writes down of a job before it is posted. Anything may still be missing.</summary>
internal record Draft
{
    public string Title { get; init; } = "";

    /// <summary>What a worker reads before the first task; plain text.</summary>
    public string Instructions { get; init; } = "";

    /// <summary><c>choice</c> or <c>text</c>.</summary>
    public string Kind { get; init; } = JobTemplate.Choice;

    /// <summary>The question over each task.</summary>
    public string Question { get; init; } = "";

    /// <summary>The labels of a choice, in order: keys 1 to 9 choose them.</summary>
    public string[] Labels { get; init; } = [];

    /// <summary>The column whose text is the thing to label.</summary>
    public string? TextColumn { get; init; }

    /// <summary>The column that names an image of the uploaded zip.</summary>
    public string? ImageColumn { get; init; }

    /// <summary>The piece rate of one answer, in micro-units.</summary>
    public long? RewardMicros { get; init; }

    /// <summary>The time that one answer takes; without it, what the reward pays at the floor.</summary>
    public long? EstimateMs { get; init; }

    /// <summary>The most time that one answer is paid for; without it, the least that the estimate allows.</summary>
    public long? TimeLimitMs { get; init; }

    /// <summary>Answers wanted of each task, by different people.</summary>
    public int Wanted { get; init; } = 1;

    /// <summary>What to set aside, in micro-units; without it, what will most likely let the job run without a pause.</summary>
    public long? BudgetMicros { get; init; }

    /// <summary>Whether rows that cannot be posted are left out; otherwise nothing is posted while there are any.</summary>
    public bool LeaveOut { get; init; }
}

/// <summary>A job of one requester: a draft until it is posted, and then fixed.</summary>
internal sealed record Job : Draft
{
    public required Guid JobId { get; init; }
    public required Guid RequesterId { get; init; }
    public required string RequesterName { get; init; }
    public required int Tasks { get; init; }
    public required long? PostedBudgetMicros { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? PostedAt { get; init; }

    public bool IsDraft => PostedAt is null;

    /// <summary>The event that tells the others of this job; the same each time it is sent.</summary>
    public JobPosted ToEvent() => new()
    {
        JobId = JobId,
        RequesterId = RequesterId,
        RequesterName = RequesterName,
        Title = Title,
        Instructions = Instructions,
        InstructionWords = JobRules.Words(Instructions),
        Template = new JobTemplate
        {
            Kind = Kind,
            Question = Question,
            Labels = Kind == JobTemplate.Choice ? Labels : [],
            ImageColumn = ImageColumn,
            TextColumn = TextColumn,
        },
        RewardMicros = RewardMicros!.Value,
        EstimateMs = EstimateMs,
        TimeLimitMs = TimeLimitMs,
        TermsVersion = 1,
        Tasks = Tasks,
        Wanted = Wanted,
        BudgetMicros = PostedBudgetMicros!.Value,
        PostedAt = PostedAt!.Value,
    };
}

/// <summary>Why something cannot be done: the field it is about, and what would be accepted.</summary>
internal sealed record FieldProblem(string Field, string Message);

/// <summary>What a draft must be to be posted.</summary>
internal static class JobRules
{
    public const int LongestTitle = 120;
    public const int LongestInstructions = 20_000;
    public const int LongestQuestion = 500;
    public const int LongestLabel = 100;
    public const int MostLabels = 9;
    public const int MostWanted = 100;

    /// <summary>Words as the reading time counts them: what white space separates.</summary>
    public static int Words(string text) =>
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>The terms that a draft's numbers mean under a policy; null without a reward.</summary>
    public static TermsDecision? Terms(Draft draft, PayPolicy policy) =>
        draft.RewardMicros is not { } reward
            ? null
            : JobTerms.Resolve(
                policy,
                new Money(reward),
                draft.EstimateMs is { } estimate ? new Duration(estimate) : null,
                draft.TimeLimitMs is { } limit ? new Duration(limit) : null,
                Words(draft.Instructions));

    /// <summary>Everything that is still missing or wrong about what people do, given the columns of the uploaded file.</summary>
    public static List<FieldProblem> WhatIsMissing(Draft draft, IReadOnlyList<string> columns, int tasks)
    {
        var missing = new List<FieldProblem>();
        void Missing(string field, string message) => missing.Add(new(field, message));

        if (string.IsNullOrWhiteSpace(draft.Title))
            Missing("title", "Give the job a title: people see it in the list of jobs.");
        if (string.IsNullOrWhiteSpace(draft.Question))
            Missing("question", "Write the question that stands over each task.");
        if (draft.Kind == JobTemplate.Choice && draft.Labels.Length == 0)
            Missing("labels", "Write the choices, one on each line.");
        if (draft.Wanted is < 1 or > MostWanted)
            Missing("wanted", $"Ask for 1 to {MostWanted} answers per task.");
        if (draft.RewardMicros is null)
            Missing("reward", "Say what one answer pays.");
        if (tasks == 0)
            Missing("file", "Upload a file with the tasks.");
        else if (draft.TextColumn is null && draft.ImageColumn is null)
            Missing("textColumn", "Choose the column that people look at.");
        if (draft.TextColumn is { } text && tasks > 0 && !columns.Contains(text))
            Missing("textColumn", $"The file has no column {text}.");
        if (draft.ImageColumn is { } image && tasks > 0 && !columns.Contains(image))
            Missing("imageColumn", $"The file has no column {image}.");
        return missing;
    }
}
