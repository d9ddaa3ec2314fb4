using System.Text.Json;

namespace Marketplace.Requester.Results;

/// <summary>One answer to one task.</summary>
internal sealed record Answer
{
    /// <summary>The answer's public id. Null for a while after an upgrade, for answers from before it.</summary>
    public required Guid? AnswerId { get; init; }

    /// <summary>The worker's name towards this requester, and towards nobody else.</summary>
    public required Guid Pseudonym { get; init; }

    /// <summary>The label chosen or the text written.</summary>
    public required string Value { get; init; }

    /// <summary>The hour it was given in.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>Left out of results by the requester; paid all the same.</summary>
    public required bool Excluded { get; init; }

    private const string Letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    /// <summary>A short name for a page, where a whole id would be in the way. Downloads have the whole one.</summary>
    public static string Person(Guid pseudonym)
    {
        Span<byte> bytes = stackalloc byte[16];
        pseudonym.TryWriteBytes(bytes, bigEndian: true, out _);
        return string.Create(4, BitConverter.ToUInt32(bytes[12..]), (name, seed) =>
        {
            for (var i = 0; i < name.Length; i++, seed >>= 5)
                name[i] = Letters[(int)(seed & 31)];
        });
    }

    /// <summary>The hour, UTC: a finer time would say who was at work when.</summary>
    public static DateTimeOffset HourOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    /// <summary>Whether an answer is one that a worker can have given: an object with a label or a text.</summary>
    public static bool IsAnswer(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object
        && (answer.TryGetProperty("label", out var value) || answer.TryGetProperty("text", out value))
        && value.ValueKind == JsonValueKind.String;
}
