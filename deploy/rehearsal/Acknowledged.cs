using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Marketplace.Rehearsal;

/// <summary>
/// Everything that the marketplace acknowledged. Each request can be repeated word for word: then the answer must be the first one again,
/// which it cannot be where the thing was lost or was done twice.
/// </summary>
internal sealed class Acknowledged
{
    /// <summary>
    /// What a repeat need not say again: the next task, whose clock runs, and an entry's number, which versions differ in whether they tell.
    /// </summary>
    private static readonly string[] MayDiffer = ["next", "entryNumber"];

    private readonly ConcurrentQueue<Done> _done = new();

    internal sealed record Done(
        string What, Caller By, string Path, object Body, string? Key, IReadOnlyDictionary<string, string> Answer, long Micros);

    internal int Count => _done.Count;

    internal IEnumerable<Done> Of(string what) => _done.Where(d => d.What == what);

    internal long Sum(string what, Caller by) => Of(what).Where(d => d.By == by).Sum(d => d.Micros);

    /// <summary>Does it, and keeps what was acknowledged; <paramref name="micros"/> is the field that says how much money it was.</summary>
    internal async Task<Reply> Do(string what, Caller by, string path, object body, string? key, string micros)
    {
        var reply = await by.Post(path, body, key);
        if (reply.Ok)
            _done.Enqueue(new(what, by, path, body, key, Fields(reply.Body), reply.Body.GetProperty(micros).GetInt64()));
        return reply;
    }

    /// <summary>Repeats every request, and says which were answered otherwise than the first time.</summary>
    internal async Task<List<string>> Repeat()
    {
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(_done, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (done, _) =>
        {
            var reply = await done.By.Post(done.Path, done.Body, done.Key);
            if (!reply.Ok || !IsSame(done.Answer, Fields(reply.Body)))
                wrong.Enqueue($"{done.What} {done.Path}: was {string.Join(' ', done.Answer)}, is {reply.Status} {reply.Body}");
        });
        return [.. wrong];
    }

    internal string ToText() => string.Join(", ", _done.GroupBy(d => d.What).OrderBy(g => g.Key).Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {g.Key}")));

    /// <summary>Whether two answers say the same in every field that both have: the later one may be of another version.</summary>
    private static bool IsSame(IReadOnlyDictionary<string, string> first, IReadOnlyDictionary<string, string> again) =>
        first.Keys.Intersect(again.Keys).ToArray() is { Length: > 0 } both && both.All(name => first[name] == again[name]);

    private static Dictionary<string, string> Fields(JsonElement answer) =>
        answer.EnumerateObject().Where(p => !MayDiffer.Contains(p.Name)).ToDictionary(p => p.Name, p => p.Value.GetRawText());
}
