using System.Globalization;
using System.Text.Json;
using Marketplace.Contracts;
using Marketplace.PayRule;
using Marketplace.Ui;

namespace Marketplace.Worker.Assignments;

/// <summary>Why a request changed nothing: a status for programs, words for people, and the field that they are about.</summary>
internal sealed record Refusal(int Status, string Title, string Detail, string Field = "");

/// <summary>The work page at one moment.</summary>
internal sealed record WorkPage
{
    public required Work Work { get; init; }
    public required PersonAtWork Person { get; init; }

    /// <summary>The policy that the assignment is paid by.</summary>
    public required PayPolicy Policy { get; init; }

    /// <summary>The policy that the allowance is reckoned by.</summary>
    public required PayPolicy InForce { get; init; }
    public required DateTimeOffset Now { get; init; }

    /// <summary>What was refused of the last form, shown with what it held.</summary>
    public Refusal? Refusal { get; init; }
    public Submission? Typed { get; init; }

    /// <summary>The script that asks keeps the job's instructions, so they are not sent with each task.</summary>
    public bool HasInstructions { get; init; }

    public Assignment Assignment => Work.Assignment;

    public bool IsChoice => Work.Template.Kind == JobTemplate.Choice;

    /// <summary>The most time that is paid.</summary>
    public long PaidMs => Assignment.Terms(Policy).Cap(Assignment.FirstOfJob).Ms;

    public CurveShape Shape => new(Assignment.RewardMicros, Work.FloorMicrosPerHour, PaidMs);

    /// <summary>Working time if the worker is seen now.</summary>
    public long ActiveMs => Assignment.ContactAt(Now).Active.Ms;

    public long CreditedMs => Math.Min(ActiveMs, PaidMs);

    public long WallMs => Assignment.WallAt(Now).Ms;

    /// <summary>The silence since the last contact.</summary>
    public long SinceMs => Math.Max(0, Duration.Between(Assignment.LastContactAt, Now).Ms);

    public long TooEarlyMs => Math.Max(0, Assignment.TooEarlyBy(Now).Ms);

    public long AllowanceLeftMs => Person.AllowanceLeft(InForce).Ms;

    /// <summary>The most that can be asked for now: what the clock missed, within the limit and the allowance.</summary>
    public long MostToAddMs => Math.Max(0, Math.Min(WallMs - ActiveMs, Math.Min(PaidMs - CreditedMs, AllowanceLeftMs)));

    public Guid? OtherOpen => Person.AssignmentId == Assignment.AssignmentId ? null : Person.AssignmentId;

    /// <summary>The image's address, only where it is one of ours.</summary>
    public string? Image => Work.Template.ImageColumn is { } column && Column(column) is { } path && IsMedia(path) ? path : null;

    /// <summary>The text to look at.</summary>
    public string? Text => Work.Template.TextColumn is { } column ? Column(column) : null;

    /// <summary>The bar at the foot, as it is before the script takes over.</summary>
    public PayBar Bar
    {
        get
        {
            var (seconds, over) = ((TooEarlyMs + 999) / 1000, CreditedMs >= PaidMs);
            return new()
            {
                Shape = Shape,
                CreditedMs = CreditedMs,
                State = over ? "Paid time has ended" : "Reading",
                Icon = over ? Icon.Pause : Icon.Eye,
                Button = seconds > 0 ? $"Submit in {seconds} s" : "Submit",
                Keys = seconds > 0 ? null : IsChoice ? "Enter" : "Ctrl Enter",
                Disabled = seconds > 0,
            };
        }
    }

    /// <summary>What stands in the other columns, with their names; what is empty is left out.</summary>
    public IReadOnlyList<(string Name, string Value)> OtherColumns => Work.Input.ValueKind != JsonValueKind.Object ? [] :
    [
        .. Work.Input.EnumerateObject()
            .Where(p => p.Name != Work.Template.ImageColumn && p.Name != Work.Template.TextColumn)
            .Select(p => (p.Name, p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText()))
            .Where(column => column.Item2.Length > 0),
    ];

    /// <summary>Which task of the session this is: 1st, 2nd, 3rd, 11th.</summary>
    public string Ordinal => (Person.SessionTasks + 1) switch
    {
        var n when n % 100 is 11 or 12 or 13 => $"{n}th",
        var n when n % 10 == 1 => $"{n}st",
        var n when n % 10 == 2 => $"{n}nd",
        var n when n % 10 == 3 => $"{n}rd",
        var n => $"{n}th",
    };

    /// <summary>The time that was asked for in a form that was refused.</summary>
    public string TypedSeconds => Typed is { Asked.Ms: > 0 } typed ? (typed.Asked.Ms / 1000m).ToString("0.###", CultureInfo.InvariantCulture) : "";

    private string? Column(string name) =>
        Work.Input.ValueKind == JsonValueKind.Object && Work.Input.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static bool IsMedia(string path) =>
        path.Length == 71 && path.StartsWith("/media/", StringComparison.Ordinal) && path.Skip(7).All(char.IsAsciiHexDigitLower);
}

/// <summary>An assignment that is over, as its worker sees it.</summary>
internal sealed record EndedPage
{
    public required Work Work { get; init; }
    public required EndedJson End { get; init; }

    /// <summary>Why no next task came with the submit.</summary>
    public required NoTask? Nothing { get; init; }

    /// <summary>Another assignment that is open now.</summary>
    public required Guid? Open { get; init; }
    public Refusal? Refusal { get; init; }

    /// <summary>False where asking this job for another task would only be refused again.</summary>
    public bool MayGoOn => Nothing is not { Reason: "nothing-left" or "closed" or "day-is-full" };

    public string Heading => End.End switch
    {
        "submitted" => "Your answer was saved and will be paid",
        "returned" => "You returned this task",
        "broken" => "You reported this task as broken",
        _ => "This task went back: its lease was over",
    };
}

/// <summary>An end as JSON. Money in micro-units, times in ms; the pay is settled by payment soon after and shown on the payslip.</summary>
internal sealed record EndedJson
{
    public required Guid AssignmentId { get; init; }
    public required Guid JobId { get; init; }
    public required string End { get; init; }
    public required DateTimeOffset EndedAt { get; init; }
    public required long ActiveMs { get; init; }
    public required long CreditedMs { get; init; }
    public required long AllowanceUsedMs { get; init; }
    public required long PayMicros { get; init; }
}

/// <summary>A submit, as it is answered the first time and each time again.</summary>
internal sealed record Submitted
{
    public required Guid AssignmentId { get; init; }
    public required Guid JobId { get; init; }
    public required long CreditedMs { get; init; }
    public required long PayMicros { get; init; }
    public required long AllowanceLeftMs { get; init; }
    public required Guid? Next { get; init; }
    public required NoTask? Refusal { get; init; }
}

/// <summary>The response to a submit as JSON: the end, and the next task or why there is none.</summary>
internal sealed record SubmittedJson(
    Guid AssignmentId, Guid JobId, string End, long CreditedMs, long PayMicros, long AllowanceLeftMs, WorkJson? Next, NothingJson? Nothing);

/// <summary>Why there is no next task: <c>stopped</c>, <c>nothing-left</c>, <c>waits-for-money</c>, <c>closed</c>, <c>day-is-full</c> or <c>busy</c>.</summary>
internal sealed record NothingJson(string Reason, string Title, string Detail);
