using System.Globalization;
using System.Text;
using System.Text.Json;
using Marketplace.Faults.Books;
using Marketplace.Faults.Machine;
using Marketplace.Faults.People;
using Marketplace.Faults.Plan;
using Marketplace.Platform;

namespace Marketplace.Faults.Snoop;

/// <summary>
/// Thirteen people work in two jobs of two requesters while a stranger, a worker account and one of the requesters look on as closely as
/// they can. Truth comes from the people: each opens the commitments of its own payslip.
/// </summary>
internal sealed class SnoopRun(Installation all, SnoopLength length, int seed) : IDisposable
{
    private const int People = 13;
    private static readonly TimeSpan MoreThanAStep = TimeSpan.FromSeconds(8);
    private readonly Uri[] _gateways = [.. Enumerable.Repeat(new Uri($"http://127.0.0.1:{all.Gateways[0].Port}"), 2)];
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly Memory _nobody = new();
    private readonly Recorder _recorder = new();

    internal async Task<Recording> Record(CancellationToken cancel)
    {
        using var nosy = Call(all.RequesterTokens);
        using var other = Call(all.RequesterTokens);
        using var ownWorker = Call(all.WorkerTokens);
        using var onList = Call(all.WorkerTokens);
        // Most take longer than the estimate, so that most pay is a sum of its own. The list counts what is left up to a thousand.
        var wanted = length.Works > TimeSpan.FromMinutes(5) ? 3 : 1;
        var (ownJob, otherJob) = (await Post(nosy, "Notes", 17_000, 4_000, 990, wanted, cancel),
            await Post(other, "Reports", 17_000, 4_000, 990, wanted, cancel));
        var clockJob = await Post(nosy, "Ticks", 4_200, 1_000, 3_000, 1, cancel);
        var random = new Random(seed);
        Person[] people = [.. Enumerable.Range(0, People).Select(n =>
            new Person(Call(all.WorkerTokens), n, new Random(random.Next()), [ownJob, otherJob]))];
        var requester = new NosyRequester(nosy, ownWorker, _http, _gateways[0], () =>
            all.RequesterTokens.Issue(nosy.Account, "Somebody", Guid.NewGuid(), DateTimeOffset.UtcNow).Token, _recorder);
        var stranger = new Stranger(() => Call(all.WorkerTokens), _recorder);

        using var evening = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var looks = Task.WhenAll(stranger.Look(end.Token), requester.Look(ownJob, clockJob, end.Token), WatchList(onList, end.Token));
        var works = Task.WhenAll(people.Select(p => p.Work(evening.Token)));
        await Task.Delay(length.Works, cancel);
        await evening.CancelAsync();
        await works;

        // Everybody goes on looking until the last step has shown what was done before it.
        await Task.Delay(length.Every + MoreThanAStep, cancel);
        await end.CancelAsync();
        await looks;
        await stranger.ReadAll(cancel);
        await requester.ReadAll(ownJob, cancel);

        var truth = new Dictionary<string, Owner>();
        foreach (var person in people)
        {
            await Tell(person, truth, cancel);
            person.Caller.Dispose();
        }

        var marks = (await Payslip(ownWorker, cancel))
            .Where(l => requester.Ended.ContainsKey(l.Assignment))
            .Select(l => (At: requester.Ended[l.Assignment], l.Commitment))
            .Select(l => new Mark((l.At.From + l.At.To) / 2, null, l.Commitment, null));
        var every = (long)length.Every.TotalMilliseconds;
        return _recorder.Finish(new(every, ownJob, otherJob, clockJob, nosy.Account), marks, truth);
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A worker account that never works: what is left of each job.</summary>
    private Task WatchList(Caller caller, CancellationToken stop) => Looks.Again(async cancel =>
    {
        var list = await caller.Get("/", cancel);
        if (!list.Ok || list.Body.ValueKind != JsonValueKind.Object)
            return;
        foreach (var job in list.Body.GetProperty("jobs").EnumerateArray())
            _recorder.Document($"list.{job.GetProperty("jobId").GetGuid()}", job);
    }, stop);

    private async Task<Guid> Post(Caller requester, string title, long rewardMicros, long estimateMs, int tasks, int wanted,
        CancellationToken cancel)
    {
        const long budgetMicros = 400_000_000;
        await Wanted(requester.Post("/ledger/deposits", new { amountMicros = 2 * budgetMicros }, cancel, Guid.NewGuid().ToString()));
        var job = (await Wanted(requester.Post("/api/jobs", new
        {
            title,
            question = "What is it?",
            kind = "text",
            instructions = "Read the note and say whether it is about money.",
            textColumn = "text",
            rewardMicros,
            estimateMs,
            wanted,
            budgetMicros,
        }, cancel))).Guid("jobId");
        var csv = new StringBuilder("text\n");
        for (var n = 1; n <= tasks; n++)
            csv.Append(CultureInfo.InvariantCulture, $"Thing {n}\n");
        await Wanted(requester.PostCsv($"/api/jobs/{job}/upload?name=things.csv", csv.ToString(), cancel));

        // The deposit is on its way from payment, and may wait for its step.
        var (key, deadline) = (Guid.NewGuid().ToString(), DateTimeOffset.UtcNow.AddSeconds(60) + length.Every);
        while (true)
        {
            var posted = await requester.Post($"/api/jobs/{job}/post", new { }, cancel, key);
            if (posted.Ok)
                return job;
            if (!posted.Text.Contains("not enough", StringComparison.Ordinal) || DateTimeOffset.UtcNow > deadline)
                throw new InvalidOperationException($"A good job was refused: {posted.Text}");
            await Task.Delay(250, cancel);
        }
    }

    private static async Task<Reply> Wanted(Task<Reply> asked) =>
        await asked is { Ok: true } reply ? reply
            : throw new InvalidOperationException($"A good request was refused: {(await asked).Text}");

    /// <summary>A person says which public entries are theirs, by the salts that they alone have.</summary>
    private static async Task Tell(Person person, Dictionary<string, Owner> truth, CancellationToken cancel)
    {
        var lines = (await Payslip(person.Caller, cancel)).ToDictionary(l => l.Assignment, l => l.Commitment);
        foreach (var (turn, assignment) in person.Ended.Index())
        {
            if (lines.TryGetValue(assignment, out var commitment))
                truth[commitment] = new(person.Number, turn);
        }
    }

    private static async Task<IReadOnlyList<(Guid Assignment, string Commitment)>> Payslip(Caller worker, CancellationToken cancel)
    {
        var lines = new List<(Guid, string)>();
        foreach (var back in (int[])[1, 0])
        {
            var day = DateTimeOffset.UtcNow.AddDays(-back).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            foreach (var line in (await Wanted(worker.Get($"/payslips/{day}", cancel))).Body.GetProperty("lines").EnumerateArray())
            {
                var assignment = line.GetProperty("assignmentId").GetGuid();
                if (line.GetProperty("salt").GetString() is { } salt)
                    lines.Add((assignment, Demands.Commitment(salt, worker.Account, $"assignment:{assignment}")));
            }
        }

        return lines;
    }

    private Caller Call(SignInTokens tokens) => new(_gateways, tokens, Guid.NewGuid(), _nobody);
}
