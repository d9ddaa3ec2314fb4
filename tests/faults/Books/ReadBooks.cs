using System.Globalization;
using System.Text.Json;
using Marketplace.Faults.Machine;
using Marketplace.Faults.People;

namespace Marketplace.Faults.Books;

/// <summary>Reads everything that the checker looks at through the gateways, as the people themselves would.</summary>
internal sealed class ReadBooks(Installation all, Queues queues)
{
    private readonly HashSet<long> _paidBefore = [];
    private readonly HashSet<long> _bookedBefore = [];

    internal async Task<AllBooks> Read(Memory told, CancellationToken cancel)
    {
        using var anybody = Call(all.WorkerTokens, Guid.NewGuid());
        var (jobs, deposits) = (new Dictionary<Guid, JobBook>(), new Dictionary<Guid, long>());
        foreach (var requester in told.Requesters)
        {
            using var caller = Call(all.RequesterTokens, requester);
            deposits[requester] = (await Wanted(caller, "/api/deposit", cancel)).Long("availableMicros");
            foreach (var (job, _) in told.Jobs.Where(j => j.Value.Requester == requester))
                jobs[job] = await ReadJob(caller, job, cancel);
        }

        var workers = new Dictionary<Guid, WorkerBook>();
        foreach (var worker in told.Workers)
        {
            using var caller = Call(all.WorkerTokens, worker);
            workers[worker] = await ReadWorker(caller, cancel);
        }

        var (waiting, givenUp) = await queues.Count(cancel);
        return new()
        {
            Told = told,
            Jobs = jobs,
            Deposits = deposits,
            Workers = workers,
            PaidBefore = _paidBefore,
            BookedBefore = _bookedBefore,
            Waiting = waiting,
            GivenUp = givenUp,
            TrialBalance = await ReadTrialBalance(anybody, cancel),
            Ledger = LedgerLine.Read((await Wanted(anybody, "/ledger/export.jsonl", cancel)).Text),
        };
    }

    /// <summary>What is in the ledger now belongs to people who will not be asked again; what comes for them later is one too many.</summary>
    internal void Keep(AllBooks books)
    {
        foreach (var line in books.Ledger)
            (line.Pay is null ? _bookedBefore : _paidBefore).Add(line.Number);
    }

    private static async Task<JobBook> ReadJob(Caller caller, Guid job, CancellationToken cancel)
    {
        var view = (await Wanted(caller, $"/api/jobs/{job}", cancel)).Body;
        var answers = (await Wanted(caller, $"/api/jobs/{job}/download.jsonl?what=raw", cancel)).Text
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line))
            .Select(line => new AnswerLine(
                line.GetProperty("task").GetInt32(), line.GetProperty("answer").GetString()!, line.GetProperty("person").GetGuid()));
        return new(
            view.GetProperty("state").GetString()!,
            FundedOf(view),
            [.. answers]);
    }

    /// <summary>As told of the job as a whole. Where fewer than five people worked only money is told, which bounds no number of claims.</summary>
    private static long? FundedOf(JsonElement view)
    {
        if (view.GetProperty("measured") is { ValueKind: JsonValueKind.Object } measured && measured.GetProperty("moneyOnly").GetBoolean())
            return long.MaxValue;
        return view.GetProperty("funded") is { ValueKind: JsonValueKind.Number } funded ? funded.GetInt64() : null;
    }

    private static async Task<WorkerBook> ReadWorker(Caller caller, CancellationToken cancel)
    {
        var lines = new List<PayslipLine>();

        // A clock that jumped may have written on the day before or after.
        foreach (var back in (int[])[1, 0, -1])
        {
            var day = DateTimeOffset.UtcNow.AddDays(-back).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            lines.AddRange((await Wanted(caller, $"/payslips/{day}", cancel)).Body.GetProperty("lines").EnumerateArray().Select(line => new PayslipLine(
                line.GetProperty("assignmentId").GetGuid(),
                line.GetProperty("jobId").GetGuid(),
                line.GetProperty("end").GetString()!,
                line.GetProperty("creditedMs").GetInt64(),
                line.GetProperty("payMicros").GetInt64(),
                line.GetProperty("publicKey").GetString(),
                line.GetProperty("salt").GetString())));
        }

        var payable = await Wanted(caller, "/ledger/payouts", cancel);
        var payouts = payable.Body.GetProperty("payouts").EnumerateArray().Select(p => new PayoutLine(
            p.GetProperty("payoutId").GetGuid(), p.GetProperty("amountMicros").GetInt64(), p.GetProperty("state").GetString()!, p.GetProperty("issuedEntry") is { ValueKind: JsonValueKind.Number } entry ? entry.GetInt64() : null));
        return new((await Wanted(caller, "/earnings", cancel)).Long("balanceMicros"), payable.Long("balanceMicros"), lines, [.. payouts]);
    }

    private static async Task<IReadOnlyDictionary<string, long>> ReadTrialBalance(Caller caller, CancellationToken cancel) =>
        (await Wanted(caller, "/ledger/trial-balance", cancel)).Body.GetProperty("accounts").EnumerateArray()
            .ToDictionary(a => a.GetProperty("account").GetString()!, a => a.GetProperty("balanceMicros").GetInt64());

    private static async Task<Reply> Wanted(Caller caller, string path, CancellationToken cancel)
    {
        var reply = await caller.Get(path, cancel);
        return reply.Ok ? reply : throw new InvalidOperationException($"{path} was refused: {(int)reply.Status} {reply.Text}");
    }

    private Caller Call(Platform.SignInTokens tokens, Guid account) =>
        new([.. all.Gateways.Select(g => new Uri($"http://127.0.0.1:{g.Port}"))], tokens, account, new Memory());
}
