using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Contracts;
using Marketplace.Faults.Machine;
using Marketplace.Faults.People;
using Marketplace.Faults.Wire;
using Marketplace.Platform;

namespace Marketplace.Faults.Long;

/// <summary>
/// Completions pile up before a payment service whose database is slow; then it is well again. Its memory must stay bounded, the oldest must be
/// settled first, each once, and workers must be given tasks all the while. The completions are made here, in the envelope of a real one: the
/// queue is what is tried, and answering so many tasks over HTTP would take longer than anything it shows.
/// </summary>
internal sealed class Backlog(Installation all, Queues queues)
{
    private const long MostMemoryBytes = 400L * 1024 * 1024;

    /// <summary>Two copies prefetch fifty messages each, and what is settled together is so in the order of its ids.</summary>
    private const int OutOfPlaceAtMost = 2_000;
    private static readonly TimeSpan SlowFor = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan SettlesAtMost = TimeSpan.FromMinutes(10);
    private static readonly string Queue = Topology.QueueName("", EventRoutes.Payment, typeof(TaskCompleted));
    private readonly List<string> _wrong = [];
    private readonly List<double> _claims = [];
    private long _mostMemory;

    /// <returns>Every demand that was not met.</returns>
    internal async Task<IReadOnlyList<string>> Run(int completions, CancellationToken cancel)
    {
        var told = new Memory();
        var gateways = all.Gateways.Select(g => new Uri($"http://127.0.0.1:{g.Port}")).ToArray();
        using var requester = new Caller(gateways, all.RequesterTokens, Guid.NewGuid(), told);
        using var worker = new Caller(gateways, all.WorkerTokens, Guid.NewGuid(), told);
        var job = await Post(requester, completions, cancel);
        await AnswerOne(worker, job, cancel);
        var envelope = await queues.OneOf(Queue, cancel);

        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var watching = Watch(worker, job, over.Token);
        Slow(TimeSpan.FromMilliseconds(50));
        await queues.Publish(Queue, envelope, Enumerable.Range(1, completions).Select(n => Completion(envelope.Body, job, n)), cancel);
        var longest = await queues.LengthOf(Queue, cancel);
        await Task.Delay(SlowFor, cancel);
        var slowly = completions - await queues.LengthOf(Queue, cancel);

        Slow(TimeSpan.Zero);
        var watch = Stopwatch.StartNew();
        while (await queues.LengthOf(Queue, cancel) > 0 && watch.Elapsed < SettlesAtMost)
            await Task.Delay(200, cancel);
        var drained = watch.Elapsed;
        var places = await Places(requester, completions, job, watch, cancel);
        await over.CancelAsync();
        await watching;
        await CheckOrder(places, completions, cancel);
        Report(completions, longest, slowly, drained);
        return _wrong;
    }

    private void Report(int completions, long longest, long slowly, TimeSpan drained)
    {
        var claims = _claims.Order().ToArray();
        var p95 = claims.Length > 0 ? claims[(int)(claims.Length * 0.95)] : double.NaN;
        Console.WriteLine(
            $"{completions} completions: {longest} waited at most, {slowly} settled while the database was slow, the rest in {drained.TotalSeconds:0.0} s; "
            + $"{claims.Length} claims answered meanwhile, p95 {p95:0} ms, slowest {(claims.Length > 0 ? claims[^1] : double.NaN):0} ms; payment took {_mostMemory / 1048576} MB at most");
        if (_mostMemory > MostMemoryBytes)
            _wrong.Add($"A payment service took {_mostMemory / 1048576} MB.");
        if (claims.Length == 0 || p95 > 3000)
            _wrong.Add("Claims were not answered while completions waited.");
    }

    private void Slow(TimeSpan delay)
    {
        foreach (var copy in all.Copies.Where(c => c.Service == EventRoutes.Payment))
            copy.Database!.Turn(new Weather(Delay: delay));
    }

    private static async Task<Guid> Post(Caller requester, int completions, CancellationToken cancel)
    {
        var budget = (completions + 1_000) * 8_000L / 10_000 * 10_000;
        await requester.Post("/ledger/deposits", new { amountMicros = budget }, cancel, "deposit");
        var draft = new { title = "Many", question = "What is it?", kind = "text", textColumn = "text", rewardMicros = 5_000, estimateMs = 1_000, wanted = 1, budgetMicros = budget };
        var job = (await requester.Post("/api/jobs", draft, cancel)).Guid("jobId");
        await requester.PostCsv($"/api/jobs/{job}/upload?name=things.csv", "text\n" + string.Join('\n', Enumerable.Range(1, 2_000).Select(n => $"Thing {n}")), cancel);
        while (!(await requester.Post($"/api/jobs/{job}/post", new { }, cancel, "post")).Ok)
            await Task.Delay(250, cancel);
        return job;
    }

    private static async Task AnswerOne(Caller worker, Guid job, CancellationToken cancel)
    {
        Reply claimed;
        while (!(claimed = await worker.Post($"/jobs/{job}/claims", new { }, cancel)).Ok)
            await Task.Delay(250, cancel);

        // Too early an answer is refused; how early that is the pay policy says.
        Reply answered;
        while ((answered = await worker.Post($"/assignments/{claimed.Guid("assignmentId")}/answer", new { answer = new { text = "first" }, stop = true }, cancel)).Status
            == HttpStatusCode.Conflict)
            await Task.Delay(100, cancel);
        if (!answered.Ok)
            throw new InvalidOperationException($"The first answer was refused: {answered.Text}");
    }

    /// <summary>The same message with another end in it; its active time is its place in the row.</summary>
    private static byte[] Completion(byte[] envelope, Guid job, int number)
    {
        var message = JsonNode.Parse(envelope)!;
        var at = DateTimeOffset.UtcNow;
        message["messageId"] = Guid.NewGuid();
        message["messageType"] = new JsonArray(MassTransit.MessageUrn.ForTypeString<TaskCompleted>()); // The real one may hold several.
        message["message"] = JsonSerializer.SerializeToNode(new TaskCompleted
        {
            AssignmentId = Guid.NewGuid(),
            JobId = job,
            WorkerId = new Guid(number % 50, 7, 7, [1, 2, 3, 4, 5, 6, 7, 8]),
            End = AssignmentEnd.Submitted,
            TermsVersion = 1,
            ClaimedAt = at.AddMilliseconds(-number - 1),
            EndedAt = at,
            ActiveMs = number,
            UnseenMs = 0,
            AllowanceLeftMs = 0,
            FirstOfJob = false,
        }, WireJson.Options);
        return JsonSerializer.SerializeToUtf8Bytes(message);
    }

    private async Task Watch(Caller worker, Guid job, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                _mostMemory = Math.Max(_mostMemory, all.Copies.Where(c => c.Service == EventRoutes.Payment).Max(c => c.MemoryBytes));
                var watch = Stopwatch.StartNew();
                var claimed = await worker.Post($"/jobs/{job}/claims", new { }, cancel);
                _claims.Add(watch.Elapsed.TotalMilliseconds);
                if (claimed.Ok)
                    await worker.Post($"/assignments/{claimed.Guid("assignmentId")}/return", new { }, cancel);
                await Task.Delay(200, cancel);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>
    /// The ends in the order in which the ledger has them. A queue is empty before its last messages are settled and what they cause has been
    /// heard: so we look until all are there and nothing waits anywhere, or it has taken too long.
    /// </summary>
    private async Task<List<int>> Places(Caller anybody, int completions, Guid job, Stopwatch watch, CancellationToken cancel)
    {
        while (true)
        {
            var (waiting, _) = await queues.Count(cancel);
            var places = await ReadPlaces(anybody, job, cancel);
            if ((waiting == 0 && places.Count >= completions) || watch.Elapsed > SettlesAtMost)
                return places;
            await Task.Delay(200, cancel);
        }
    }

    private static async Task<List<int>> ReadPlaces(Caller anybody, Guid job, CancellationToken cancel)
    {
        var places = new List<int>();
        foreach (var line in (await anybody.Get("/ledger/export.jsonl", cancel)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var entry = JsonDocument.Parse(line);
            if (entry.RootElement.TryGetProperty("pay", out var pay) && pay.ValueKind == JsonValueKind.Object
                && pay.GetProperty("end").GetString() == "submitted" && entry.RootElement.GetProperty("jobId").GetGuid() == job)
                places.Add(pay.GetProperty("activeMs").GetInt32());
        }

        // The worker's own first answer is one more.
        return [.. places.Skip(1)];
    }

    private async Task CheckOrder(List<int> places, int completions, CancellationToken cancel)
    {
        if (places.Count != completions || places.Distinct().Count() != completions)
            _wrong.Add($"{completions} completions made {places.Count} entries, of {places.Distinct().Count()} different ends.");
        var furthest = places.Select((number, place) => Math.Abs(number - 1 - place)).DefaultIfEmpty(0).Max();
        Console.WriteLine($"the end settled furthest from its turn was {furthest} places off");
        if (furthest > OutOfPlaceAtMost)
            _wrong.Add($"An end was settled {furthest} places away from its turn.");
        var (waiting, givenUp) = await queues.Count(cancel);
        _wrong.AddRange(givenUp.Select(q => $"{q.Value} messages lie in {q.Key}."));
        if (waiting > 0)
            _wrong.Add($"{waiting} messages still wait.");
    }
}
