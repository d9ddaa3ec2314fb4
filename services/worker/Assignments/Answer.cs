using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Marketplace.Contracts;

namespace Marketplace.Worker.Assignments;

/// <summary>What a worker answers: one of a choice's labels, or a text. As JSON <c>{"label": "…"}</c> or <c>{"text": "…"}</c>.</summary>
internal sealed record Answer
{
    /// <summary>The most an answer may weigh, as UTF-8.</summary>
    internal const int MostBytes = 1_000_000;

    public string? Label { get; init; }
    public string? Text { get; init; }

    /// <summary>An answer that fits a template, or what would fit, by field.</summary>
    internal sealed record Decision(Answer? Accepted, string Field, string Message);

    /// <summary>Checks an answer against its job's template.</summary>
    internal static Decision Check(Answer? given, JobTemplate template) => template.Kind switch
    {
        JobTemplate.Choice => given?.Label is { } label && template.Labels.Contains(label, StringComparer.Ordinal)
            ? new(new() { Label = label }, "", "")
            : new(null, "label", $"Choose one of: {string.Join(", ", template.Labels)}."),
        _ => CheckText(given?.Text),
    };

    internal string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Camel case, and only the field that has a value.</summary>
    internal static readonly JsonSerializerOptions Json =
        new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Reads an answer from JSON; null where it is not an object with a text in one of its two fields.</summary>
    internal static Answer? Read(JsonElement json) => json.ValueKind != JsonValueKind.Object ? null : new()
    {
        Label = TextOf(json, "label"),
        Text = TextOf(json, "text"),
    };

    /// <summary>Reads an answer that was stored.</summary>
    internal static Answer? Read(string stored)
    {
        using var json = JsonDocument.Parse(stored);
        return Read(json.RootElement);
    }

    private static Decision CheckText(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return new(null, "text", "Write an answer.");
        if (Encoding.UTF8.GetByteCount(text) > MostBytes)
            return new(null, "text", "Keep the answer under 1 MB.");
        if (text.Contains('\0'))
            return new(null, "text", "Take the null character out of the answer.");

        // A browser sends its line breaks as CR LF; the same text must be the same answer whichever way it came.
        return new(new() { Text = text.ReplaceLineEndings("\n").Trim() }, "", "");
    }

    private static string? TextOf(JsonElement json, string field)
    {
        try
        {
            return json.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // Half of a surrogate pair: JSON allows to write it, but it is no text.
        }
    }
}
