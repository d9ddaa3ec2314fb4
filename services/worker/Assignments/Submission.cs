using System.Globalization;
using System.Text.Json;
using Marketplace.Contracts;

namespace Marketplace.Worker.Assignments;

/// <summary>
/// What a submit says, as a form (<c>label</c> or <c>text</c>, <c>asked</c> in seconds, <c>stop</c>) or as JSON
/// (<c>answer</c>, <c>askedMs</c>, <c>stop</c>).
/// </summary>
internal sealed record Submission
{
    public Answer? Answer { get; init; }
    public Duration Asked { get; init; }
    public bool Stop { get; init; }

    /// <summary>What is wrong with a field, if something is.</summary>
    public (string Field, string Message)? Wrong { get; init; }

    private static readonly (string Field, string Message) WrongAsked = ("asked", "Write the time to add in seconds, such as 40.");

    internal static Submission Read(IFormCollection form)
    {
        var label = form["label"].ToString();
        var text = form["text"].ToString();
        var asked = form["asked"].ToString().Trim().Replace(',', '.');
        decimal seconds = 0;
        var readable = asked.Length == 0 || decimal.TryParse(asked, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds);
        return new()
        {
            Answer = new() { Label = label.Length > 0 ? label : null, Text = text.Length > 0 ? text : null },
            Asked = new((long)(Math.Min(seconds, MostAskedMs / 1000) * 1000)),
            Stop = form["stop"].ToString() is "1" or "true" or "on",
            Wrong = readable ? null : WrongAsked,
        };
    }

    internal static Submission Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            return new() { Wrong = ("", "Send {\"answer\": {\"label\": \"…\"}} as JSON.") };

        long askedMs = 0;
        var readable = !json.TryGetProperty("askedMs", out var asked) || asked.ValueKind == JsonValueKind.Null
            || (asked.ValueKind == JsonValueKind.Number && asked.TryGetInt64(out askedMs) && askedMs >= 0);
        return new()
        {
            Answer = json.TryGetProperty("answer", out var answer) ? Answer.Read(answer) : null,
            Asked = new(Math.Min(askedMs, MostAskedMs)),
            Stop = json.TryGetProperty("stop", out var stop) && stop.ValueKind == JsonValueKind.True,
            Wrong = readable ? null : ("askedMs", "Send the time to add as whole milliseconds, 0 or more."),
        };
    }

    // Longer than any lease: more cannot have been.
    private const long MostAskedMs = 7 * 24 * 3_600_000L;
}
