using Marketplace.Faults.Machine;

namespace Marketplace.Faults.People;

/// <summary>The people of one run, who have never been here before: requesters and workers, all drawn from the seed.</summary>
internal sealed class Crowd : IDisposable
{
    private const int Requesters = 2;
    private const int Workers = 6;
    private readonly List<Caller> _callers = [];
    private readonly List<Func<CancellationToken, CancellationToken, Task>> _people = [];

    internal Crowd(Installation all, Memory memory, int seed)
    {
        var (random, jobs) = (new Random(seed), new OpenJobs());
        Gateways = [.. all.Gateways.Select(g => new Uri($"http://127.0.0.1:{g.Port}"))];
        for (var n = 0; n < Requesters; n++)
            _people.Add(new Poster(Call(all.RequesterTokens, memory), memory, new Random(random.Next()), jobs).Work);
        for (var n = 0; n < Workers; n++)
            _people.Add(new Labeler(Call(all.WorkerTokens, memory), memory, new Random(random.Next()), jobs).Work);
    }

    internal IReadOnlyList<Uri> Gateways { get; }

    /// <summary>Everybody works until <paramref name="stop"/> and then finishes; whoever has no final answer by <paramref name="patience"/> complains.</summary>
    internal Task Work(Memory memory, CancellationToken stop, CancellationToken patience) => Task.WhenAll(_people.Select(async person =>
    {
        try
        {
            await person(stop, patience);
        }
        catch (OperationCanceledException)
        {
            memory.Contradictions.Add("Somebody got no final answer although everything worked again.");
        }
    }));

    public void Dispose() => _callers.ForEach(c => c.Dispose());

    private Caller Call(Platform.SignInTokens tokens, Memory memory)
    {
        var caller = new Caller(Gateways, tokens, Guid.NewGuid(), memory);
        _callers.Add(caller);
        return caller;
    }
}
