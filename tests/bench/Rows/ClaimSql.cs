using Marketplace.Bench.Load;
using Marketplace.Worker.Assignments;

namespace Marketplace.Bench.Rows;

/// <summary>
/// The statement that takes a task, run by pgbench, against the plainest way to hand out work in SQL: lock and count down the first open task from
/// a random place on. Both on the same table, which is taken from as they go.
/// </summary>
internal static class ClaimSql
{
    internal const string Baseline = "pgbench, skip locked";

    private const int ClaimsEach = 400;
    private static readonly int[] Connections = [1, 8, 32];

    internal static async Task Run(Bench bench)
    {
        var scratch = new ScratchWorker(bench);
        await scratch.Make();
        var bySize = new Dictionary<(int Clients, int Tasks), Compared>();
        foreach (var (tasks, wanted) in Sizes(bench))
        {
            await scratch.Fill(tasks, wanted, workers: 40_000);
            var runs = new Runs(bench, tasks, TakeAhead());
            await runs.WarmUp();
            foreach (var clients in Connections)
            {
                var compared = await runs.Compare(clients);
                bySize[(clients, tasks)] = compared;
                bench.Report.AddRate("claim-sql", $"{tasks:#,0} tasks, {clients} connections", "claims/s", Baseline, compared, atLeast: 0.8);
            }

            var recorded = await runs.CompareRecorded(Connections[1]);
            bench.Report.AddRate(
                "claim-sql", $"{tasks:#,0} tasks, {Connections[1]} connections", "claims/s", "pgbench, skip locked, and a row inserted that says who has it", recorded);
        }

        foreach (var clients in Connections)
            Flat(bench, "claim-sql", $"{clients} connections", [.. bySize.Where(s => s.Key.Clients == clients).OrderBy(s => s.Key.Tasks).Select(s => s.Value.Own)]);
    }

    /// <summary>Each size with the answers that are wanted of every task: more than will be claimed.</summary>
    internal static (int Tasks, int Wanted)[] Sizes(Bench bench) =>
        bench.Quick ? [(1_000, 1_000), (100_000, 10)] : [(1_000, 1_500), (100_000, 15), (1_000_000, 2)];

    /// <summary>Says whether the smallest and the largest size are alike in rate and in p95.</summary>
    internal static void Flat(Bench bench, string row, string @case, IReadOnlyList<Sample> bySize)
    {
        var (rates, times) = (bySize.Select(s => s.PerSecond).ToList(), bySize.Select(s => s.P95Ms).ToList());
        var (rate, time) = (rates.Max() / rates.Min(), times.Max() / times.Min());
        bench.Report.Add(new Line
        {
            Row = row,
            Case = $"{@case}, across sizes",
            Figure = $"rate within {rate:0.00}×, p95 within {time:0.00}×",
            Goal = "≤ 1.3×",
            Met = rate <= 1.3 && time <= 1.3,
        });
    }

    /// <summary>A claim: the next person once one has taken some hundred.</summary>
    internal static string TakeAhead() => $"""
        \set n :n + 1
        \set w :first + :client_id * :people + :n / {ClaimsEach}
        \set id (:run * 64 + :client_id) * 10000000 + :n
        {Statements.Fill(FromCursor(Statements.Of(typeof(TakeTask), "TakeAhead")), Values())}
        """;

    /// <summary>The service reads the cursor with the job before it claims; here the statement reads it itself.</summary>
    internal static string FromCursor(string claim) => claim.Replace(
        "@At", "(select at_number from worker_job where worker_id = @WorkerId and job_id = @JobId)", StringComparison.Ordinal);

    /// <summary>What the claim statements' parameters are in pgbench, for worker number <c>:w</c> and assignment number <c>:id</c>.</summary>
    internal static Dictionary<string, string> Values() => new()
    {
        ["JobId"] = $"'{ScratchWorker.Job}'",
        ["WorkerId"] = Statements.Uuid(":w"),
        ["AssignmentId"] = Statements.Uuid(":id"),
        ["PublicId"] = "gen_random_uuid()",
        ["StepTasks"] = "500",
        ["SubmittedNow"] = "1",
        ["ClaimedAt"] = "now()",
        ["LastContactAt"] = "now()",
        ["LeaseUntil"] = "now() + interval '10 min'",
        ["TermsVersion"] = "1",
        ["PolicyVersion"] = "1",
        ["RewardMicros"] = "40000",
        ["EstimateMs"] = "1000",
        ["LimitMs"] = "60000",
        ["ReadingMs"] = "18000",
        ["IdleMs"] = "30000",
        ["EarliestSubmitMs"] = "1",
        ["FirstOfJob"] = "false",
    };

    /// <summary>Ours and the baseline on one filled table; each run takes people of its own.</summary>
    internal sealed class Runs(Bench bench, int tasks, string claim, int firstWorker = 0)
    {
        private const int People = 40;

        private int _run;
        private int _first = firstWorker;

        internal async Task WarmUp()
        {
            await Reference(Connections[1], bench.WarmUp);
            await Claim(Connections[1], bench.WarmUp);
        }

        internal Task<Compared> Compare(int clients) =>
            bench.InTurn(() => Reference(clients, bench.Stretch), () => Claim(clients, bench.Stretch));

        /// <summary>The baseline keeps a record of each claim too, as anybody must who pays for it.</summary>
        internal Task<Compared> CompareRecorded(int clients) =>
            bench.InTurn(() => Recorded(clients, bench.Stretch), () => Claim(clients, bench.Stretch));

        internal Task<Sample> Claim(int clients, TimeSpan stretch, int? run = null)
        {
            var first = _first;
            _first += clients * People;
            return bench.Pgbench.Run(
                ScratchWorker.Name, ScratchWorker.Service, claim, clients, stretch,
                ("n", 0), ("run", run ?? ++_run), ("first", first), ("people", People));
        }

        private Task<Sample> Reference(int clients, TimeSpan stretch) => bench.Pgbench.Run(
            ScratchWorker.Name, ScratchWorker.Service, $"{Start}{Taken.Replace("), update", ") update", StringComparison.Ordinal)} returning task.number;", clients, stretch);

        private Task<Sample> Recorded(int clients, TimeSpan stretch)
        {
            var first = _first;
            _first += clients * People;
            return bench.Pgbench.Run(
                ScratchWorker.Name, ScratchWorker.Service, $"""
                \set n :n + 1
                \set w :first + :client_id * :people + :n / {ClaimsEach}
                \set id (:run * 64 + :client_id) * 10000000 + :n
                {Start}{Taken.Replace("update task", "taken as (update task", StringComparison.Ordinal)} returning task.number) insert into assignment (assignment_id, worker_id, job_id, number, claimed_at, lease_until, terms_version, policy_version, reward_micros, estimate_ms, limit_ms, reading_ms, idle_ms, earliest_submit_ms, first_of_job, last_contact_at) select {Statements.Uuid(":id")}, {Statements.Uuid(":w")}, '{ScratchWorker.Job}', taken.number, now(), now(), 1, 1, 40000, 1000, 60000, 18000, 30000, 1, false, now() from taken on conflict do nothing;
                """, clients, stretch, ("n", 0), ("run", ++_run), ("first", first), ("people", People));
        }

        private string Start => $"\\set start random(0, {tasks - 1})\n";

        private static string Taken =>
            $"with pick as (select number from task where job_id = '{ScratchWorker.Job}' and is_open and number > :start order by number limit 1 for update skip locked), update task set open = task.open - 1, is_open = task.open > 1 from pick where task.job_id = '{ScratchWorker.Job}' and task.number = pick.number";
    }
}
