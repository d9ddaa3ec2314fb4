using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Marketplace.Platform;
using Marketplace.ServiceTests;

namespace Marketplace.JourneyTests.Replay;

/// <summary>
/// Workers side by side over the public HTTP interface, each at the pace of the file, under a clock that jumps to the next
/// second in which anybody does something. What falls into one second is done at once by all whom it concerns.
/// </summary>
internal sealed class Crowd(AllServices services, DrivenClock clock, CrowdFile file, Guid job) : IDisposable
{
    private const int PulseEvery = 30;
    private const int AskAgainAfter = 60;
    private static readonly TimeSpan RenewAfter = TimeSpan.FromMinutes(10);

    private readonly PriorityQueue<Func<Task>, long> _later = new();
    private readonly ConcurrentQueue<(long At, Func<Task> Do)> _planned = new();
    private readonly SemaphoreSlim _asking = new(1);
    private long _now;
    private int _submitted;

    public void Dispose() => _asking.Dispose();

    internal async Task Work(int people)
    {
        foreach (var worker in Enumerable.Range(0, people).Select(_ => new Labeller(Guid.NewGuid())))
            _later.Enqueue(() => Claim(worker), 0);

        while (_later.TryPeek(out _, out var second) && _submitted < file.Answers)
        {
            clock.Advance(TimeSpan.FromSeconds(second - _now));
            _now = second;

            var due = new List<Func<Task>>();
            while (_later.TryPeek(out _, out var at) && at == second)
                due.Add(_later.Dequeue());
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (act, _) => await act());

            while (_planned.TryDequeue(out var plan))
                _later.Enqueue(plan.Do, plan.At);
        }

        Assert.Equal(file.Answers, _submitted);
    }

    private void At(long second, Func<Task> act) => _planned.Enqueue((second, act));

    /// <summary>
    /// The clock stands while money is on its way: slots open as soon as what was submitted is settled, and that happens in
    /// real time. One at a time asks for it.
    /// </summary>
    private async Task Claim(Labeller worker)
    {
        await _asking.WaitAsync();
        try
        {
            await Wait.Eventually(() => TryClaim(worker));
        }
        finally
        {
            _asking.Release();
        }
    }

    private async Task<bool> TryClaim(Labeller worker)
    {
        using var response = await Client(worker).PostAsJsonAsync($"/jobs/{job}/claims", new { });
        if (response.StatusCode == HttpStatusCode.Created)
        {
            Begin(worker, await response.Content.ReadFromJsonAsync<JsonElement>());
            return true;
        }

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        var reason = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("reason").GetString();
        if (reason != "nothing-left")
            return false;

        At(_now + AskAgainAfter, () => Claim(worker));
        return true;
    }

    private void Begin(Labeller worker, JsonElement task)
    {
        var id = task.GetProperty("assignmentId").GetGuid();
        var answer = file.Next(task.GetProperty("input").GetProperty("task").GetString()!);
        for (var second = PulseEvery; second < answer.Seconds; second += PulseEvery)
            At(_now + second, () => Pulse(worker, id));
        At(_now + answer.Seconds, () => Submit(worker, id, answer));
    }

    private async Task Pulse(Labeller worker, Guid assignment)
    {
        using var response = await Client(worker).PostAsJsonAsync($"/assignments/{assignment}/pulses", new { });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task Submit(Labeller worker, Guid assignment, CrowdAnswer answer)
    {
        using var response = await Client(worker).PostAsJsonAsync($"/assignments/{assignment}/answer", new { answer = new { label = answer.Label } });
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Interlocked.Increment(ref _submitted);

        var next = (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("next");
        if (next.ValueKind == JsonValueKind.Object)
            Begin(worker, next);
        else
            await Claim(worker);
    }

    /// <summary>A token is good for a quarter of an hour of the clock that is driven here.</summary>
    private HttpClient Client(Labeller worker)
    {
        if (worker.Client is null || clock.GetUtcNow() - worker.SignedInAt > RenewAfter)
        {
            worker.Client?.Dispose();
            (worker.Client, worker.SignedInAt) = (services.Program(SignIn.Worker, worker.Id), clock.GetUtcNow());
        }

        return worker.Client;
    }

    private sealed class Labeller(Guid id)
    {
        internal Guid Id => id;

        internal HttpClient? Client { get; set; }

        internal DateTimeOffset SignedInAt { get; set; }
    }
}
