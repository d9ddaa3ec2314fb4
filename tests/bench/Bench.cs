using Dapper;
using Npgsql;

namespace Marketplace.Bench;

/// <summary>One run: the installation it measures, how long and how large, the machine, and what has been found so far.</summary>
internal sealed class Bench : IAsyncDisposable
{
    internal required Installation Installation { get; init; }
    internal required Machine Machine { get; init; }
    internal required Report Report { get; init; }
    internal required Market Market { get; init; }
    internal required Pgbench Pgbench { get; init; }

    /// <summary>Small sizes and short rounds.</summary>
    internal required bool Quick { get; init; }

    /// <summary>Statements are counted.</summary>
    internal required bool Profile { get; init; }

    /// <summary>How long one measured stretch lasts.</summary>
    internal TimeSpan Stretch => TimeSpan.FromSeconds(Quick ? 3 : 4);

    /// <summary>How long a warm-up lasts; its figures are thrown away.</summary>
    internal TimeSpan WarmUp => TimeSpan.FromSeconds(Quick ? 3 : 5);

    internal int Rounds => Quick ? 1 : 3;

    internal static async Task<Bench> Open(Installation installation, bool quick, bool profile)
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        var machine = new Machine(installation);
        return new Bench
        {
            Installation = installation,
            Machine = machine,
            Report = new Report(quick),
            Market = await Market.Enter(installation),
            Pgbench = new Pgbench(installation),
            Quick = quick,
            Profile = profile,
        };
    }

    /// <summary>Measures two things in turn, so that both see the same machine: per round the baseline, then ours.</summary>
    internal Task<Compared> InTurn(Func<Task<Sample>> baseline, Func<Task<Sample>> ours) => InTurn(Rounds, baseline, ours);

    internal async Task<Compared> InTurn(int rounds, Func<Task<Sample>> baseline, Func<Task<Sample>> ours)
    {
        var (theirs, own) = (new List<Sample>(), new List<Sample>());
        for (var round = 0; round < rounds; round++)
        {
            theirs.Add(await Watch(baseline));
            own.Add(await Watch(ours));
        }

        return new Compared(own, theirs);
    }

    /// <summary>One stretch, with what the machine did meanwhile.</summary>
    internal async Task<Sample> Watch(Func<Task<Sample>> measure)
    {
        var before = Machine.Look();
        var sample = await measure();
        return sample with { Use = Machine.Since(before) };
    }

    /// <summary>A connection to a database, as a service or as the superuser.</summary>
    internal async Task<NpgsqlConnection> Connect(string database, string? service = null)
    {
        var connection = new NpgsqlConnection(Installation.Database(database, service));
        await connection.OpenAsync();
        return connection;
    }

    public ValueTask DisposeAsync()
    {
        Market.Dispose();
        return ValueTask.CompletedTask;
    }
}
