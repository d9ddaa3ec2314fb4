using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Marketplace.Faults.Snoop;

/// <summary>
/// Takes down what is seen, from many hands at once: entries and answers when they are first seen, numbers when they change.
/// </summary>
internal sealed class Recorder
{
    private readonly ConcurrentDictionary<long, SeenEntry> _entries = new();
    private readonly ConcurrentDictionary<Guid, SeenAnswer> _answers = new();
    private readonly ConcurrentDictionary<string, long> _numbers = new();
    private readonly ConcurrentQueue<Move> _moves = new();
    private readonly ConcurrentQueue<Mark> _marks = new();

    internal static long Now => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    internal long Highest { get; private set; }

    internal int Entries => _entries.Count;

    internal bool Knows(long number) => _entries.ContainsKey(number);

    internal void Entry(string by, JsonElement entry)
    {
        if (EntryReader.Read(Now, by, entry) is { } seen && _entries.TryAdd(seen.Number, seen))
            Highest = Math.Max(Highest, seen.Number);
    }

    /// <summary>An answer by any name that it has: its own, or its assignment's.</summary>
    internal void Answer(int task, JsonElement answer)
    {
        var id = First(answer, "answerId", "assignmentId", "assignment", "id")?.GetGuid();
        var person = First(answer, "pseudonym", "person")?.GetGuid();
        if (id is { } name && person is { } who)
            _answers.TryAdd(name, new(Now, name, task, who, First(answer, "submittedAt") is { } at && Instant(at) is { } ms ? ms : 0));
    }

    internal void Number(string what, long value)
    {
        var before = value;
        _numbers.AddOrUpdate(what, value, (_, known) =>
        {
            before = known;
            return value;
        });
        if (before != value)
            _moves.Enqueue(new(Now, what, before, value));
    }

    /// <summary>Every number in a document, and every instant, by its path.</summary>
    internal void Document(string path, JsonElement document)
    {
        switch (document.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in document.EnumerateObject())
                    Document($"{path}.{member.Name}", member.Value);
                break;
            case JsonValueKind.Array:
                foreach (var (n, item) in document.EnumerateArray().Index())
                    Document($"{path}.{n}", item);
                break;
            case JsonValueKind.Number when document.TryGetInt64(out var value):
                Number(path, value);
                break;
            case JsonValueKind.String when Instant(document) is { } ms:
                Number(path, ms);
                break;
        }
    }

    internal void Mark(long from, long to, long? amountMicros, string? commitment, long? number) =>
        _marks.Enqueue(new((from + to) / 2, amountMicros, commitment, number));

    internal Recording Finish(Setting setting, IEnumerable<Mark> later, IReadOnlyDictionary<string, Owner> truth) => new()
    {
        Setting = setting,
        Entries = [.. _entries.Values.OrderBy(e => e.Number)],
        Moves = [.. _moves.OrderBy(m => m.T)],
        Answers = [.. _answers.Values.OrderBy(a => a.T).ThenBy(a => a.Task).ThenBy(a => a.Id)],
        Marks = [.. _marks.Concat(later).OrderBy(m => m.T)],
        Truth = truth,
    };

    private static JsonElement? First(JsonElement item, params string[] names)
    {
        foreach (var name in names)
        {
            if (item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
                return value;
        }

        return null;
    }

    private static long? Instant(JsonElement text) =>
        DateTimeOffset.TryParse(text.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            && text.GetString()!.Contains('T', StringComparison.Ordinal)
            ? at.ToUnixTimeMilliseconds() : null;
}
