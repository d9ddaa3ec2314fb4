using Dapper;
using Marketplace.Platform;
using Marketplace.Worker;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Marketplace.Bench.Load;

/// <summary>
/// A database of its own with the worker service's tables, filled to a size, where claims can be measured without a service that looks at them. The
/// worker service's own database is not touched.
/// </summary>
internal sealed class ScratchWorker(Bench bench)
{
    internal const string Name = "bench_worker";
    internal const string Service = "worker";

    internal static readonly Guid Job = new(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);
    internal static readonly Guid Requester = new(2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7);

    /// <summary>Makes the tables as the service's own migrations do, empty.</summary>
    internal async Task Make()
    {
        await using (var server = await bench.Connect("postgres"))
        {
            await server.ExecuteAsync($"drop database if exists {Name} with (force)");
            await server.ExecuteAsync($"create database {Name} owner {Service}_owner");
        }

        await Database.Migrate(bench.Installation.OwnerOf(Service, Name), typeof(WorkerService).Assembly, NullLogger.Instance, CancellationToken.None);
    }

    /// <summary>One job with its tasks all open, and workers whose cursors stand at random places, in the first half so that each has many tasks ahead.</summary>
    internal async Task Fill(int tasks, int wanted, int workers)
    {
        await using var database = await bench.Connect(Name);
        await database.ExecuteAsync(FillTables, new { Job, Requester, Tasks = tasks, Wanted = (short)wanted, Workers = workers });
        await Settle(database);
    }

    /// <summary>So many workers who have answered a random half of the tasks each, and are past their first walk: what is ahead of them may be theirs already.</summary>
    internal async Task AddVeterans(int workers, int tasks)
    {
        await using var database = await bench.Connect(Name);
        await database.ExecuteAsync(FillVeterans, new { Job, Workers = workers, Tasks = tasks });
        await Settle(database);
    }

    private static async Task Settle(NpgsqlConnection database)
    {
        await database.ExecuteAsync("vacuum (analyze) task, worker, worker_job, assignment");
        await database.ExecuteAsync("checkpoint;");
    }

    // The rows are those that the service writes; only faster than through its doors.
    private const string FillTables = """
        truncate assignment_end, assignment, worker_job, pseudonym, worker, task, job, outbox, pay_policy cascade;

        insert into pay_policy (version, in_force_from, terms)
        values (1, now() - interval '1 day', '{}');

        insert into job (job_id, requester_id, requester_name, title, instructions, instruction_words, template, reward_micros, estimate_ms,
          time_limit_ms, terms_version, wanted, announced_tasks, posted_at, funded, worst_micros, policy_version, opened, tasks)
        values (@Job, @Requester, 'Bench', 'How does the customer feel?', repeat('Read the note. ', 20), 60,
          '{"kind": "choice", "labels": ["pleased", "displeased", "neither"], "question": "How does the writer feel?", "textColumn": "note"}',
          40000, 1000, null, 1, @Wanted, @Tasks, now(), @Tasks::bigint * @Wanted, 300000, 1, @Tasks::bigint * @Wanted, @Tasks);

        insert into task (job_id, number, is_open, open, unopened, wanted, input)
        select @Job, n, true, @Wanted, 0, @Wanted,
          jsonb_build_object('number', n::text, 'note', 'The parcel came on day ' || n % 29 || '; one of ' || n % 977 || ' pieces was loose but it was mended quickly')
        from generate_series(1, @Tasks) n;

        insert into worker (worker_id, window_from, created_at)
        select lpad(to_hex(n::bigint), 32, '0')::uuid, now() - interval '1 day', now()
        from generate_series(0, @Workers - 1) n;

        insert into worker_job (worker_id, job_id, at_number, seen_opened)
        select worker_id, @Job, floor(random() * greatest(1, @Tasks / 2))::int, @Tasks::bigint * @Wanted
        from worker;

        insert into pseudonym (worker_id, requester_id, pseudonym)
        select worker_id, @Requester, gen_random_uuid()
        from worker;
        """;

    private const string FillVeterans = """
        set session_replication_role = replica;

        insert into assignment (assignment_id, worker_id, job_id, number, claimed_at, lease_until, terms_version, policy_version, reward_micros,
          estimate_ms, limit_ms, reading_ms, idle_ms, earliest_submit_ms, first_of_job, last_contact_at)
        select lpad(to_hex((w + 1)::bigint << 40 | n), 32, '0')::uuid, lpad(to_hex(w::bigint), 32, '0')::uuid, @Job, n, now(), now(), 1, 1, 40000,
          1000, 60000, 0, 30000, 1, false, now()
        from generate_series(1, @Tasks) n, generate_series(0, @Workers - 1) w
        where random() < 0.5;

        update worker_job
        set again = true, at_number = floor(random() * @Tasks / 2)::int, claims = @Tasks / 2
        where worker_id < lpad(to_hex(@Workers::bigint), 32, '0')::uuid;
        """;
}
