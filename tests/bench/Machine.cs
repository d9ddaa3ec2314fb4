using System.Globalization;

namespace Marketplace.Bench;

/// <summary>What a stretch cost: seconds of CPU by process, and what everything else on the machine used.</summary>
/// <param name="Seconds">How long it lasted.</param>
/// <param name="Cpu">By process of ours: the services, the servers, and <c>client</c> for the load generator with pgbench and psql.</param>
/// <param name="OtherCores">Cores in use by other programs, on average; a quiet machine has about 0.</param>
/// <param name="Load">The load average of the last minute at the end.</param>
internal sealed record MachineUse(double Seconds, IReadOnlyDictionary<string, double> Cpu, double OtherCores, double Load)
{
    /// <summary>CPU of everything but the client.</summary>
    internal double ServerCpu => Cpu.Where(c => c.Key != "client").Sum(c => c.Value);
}

/// <summary>Reads the kernel's own counts: CPU of a process with all its children, memory, and the machine as a whole.</summary>
internal sealed class Machine(Installation installation)
{
    // The kernel counts in hundredths of a second for programs (USER_HZ).
    private const double TicksPerSecond = 100;

    internal sealed record Moment(long At, double Busy, IReadOnlyDictionary<string, (int Process, double Seconds)> Cpu);

    internal static int Cores => Environment.ProcessorCount;

    internal static double Load() => double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture);

    internal Moment Look()
    {
        var all = Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => int.TryParse(name, out _))
            .Select(name => ReadStat(int.Parse(name!, CultureInfo.InvariantCulture))).OfType<Stat>().ToList();
        var children = all.ToLookup(p => p.Parent);
        var byId = all.ToDictionary(p => p.Id);
        var cpu = new Dictionary<string, (int, double)> { ["client"] = (Environment.ProcessId, Tree(byId, children, Environment.ProcessId)) };
        foreach (var name in Installation.Processes)
            if (installation.ProcessOf(name) is { } pid)
                cpu[name] = (pid, Tree(byId, children, pid));
        return new Moment(TimeProvider.System.GetTimestamp(), ReadBusy(), cpu);
    }

    internal MachineUse Since(Moment before)
    {
        var after = Look();
        var seconds = TimeProvider.System.GetElapsedTime(before.At, after.At).TotalSeconds;

        // A process that was started meanwhile is counted from its start. A child that has just ended may be missing for a moment.
        var cpu = after.Cpu.ToDictionary(
            c => c.Key,
            c => before.Cpu.TryGetValue(c.Key, out var was) && was.Process == c.Value.Process ? Math.Max(0, c.Value.Seconds - was.Seconds) : c.Value.Seconds);
        var others = (after.Busy - before.Busy - cpu.Values.Sum()) / seconds;
        return new MachineUse(seconds, cpu, Math.Max(0, others), Load());
    }

    /// <summary>Memory that a service holds now, in MB.</summary>
    internal double ResidentMb(string name) => Read(name, "status", "VmRSS:");

    /// <summary>
    /// A service's share of the memory, in MB: what it alone holds, and of what several programs map, as the framework's files, its part (PSS).
    /// </summary>
    internal double ShareMb(string name) => Read(name, "smaps_rollup", "Pss:");

    /// <summary>The most memory that a service has held since <see cref="ForgetPeak"/>, in MB.</summary>
    internal double PeakMb(string name) => Read(name, "status", "VmHWM:");

    internal void ForgetPeak(string name) => File.WriteAllText($"/proc/{installation.ProcessOf(name)}/clear_refs", "5");

    private double Read(string name, string file, string field) =>
        File.ReadLines($"/proc/{installation.ProcessOf(name)}/{file}").Where(line => line.StartsWith(field, StringComparison.Ordinal))
            .Select(line => double.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1024).Single();

    /// <summary>A process and its children, those that have ended too.</summary>
    private static double Tree(Dictionary<int, Stat> byId, ILookup<int, Stat> children, int root) =>
        byId.TryGetValue(root, out var stat) ? stat.Seconds + children[root].Sum(child => Tree(byId, children, child.Id)) : 0;

    private static Stat? ReadStat(int id)
    {
        try
        {
            // The name may hold spaces: what counts begins after its bracket.
            var text = File.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = fields[11..15].Sum(f => double.Parse(f, CultureInfo.InvariantCulture));
            return new Stat(id, int.Parse(fields[1], CultureInfo.InvariantCulture), ticks / TicksPerSecond);
        }
        catch (IOException)
        {
            return null; // It ended meanwhile.
        }
    }

    private static double ReadBusy()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..]
            .Select(f => double.Parse(f, CultureInfo.InvariantCulture)).ToArray();
        const int idle = 3, waiting = 4, guests = 8;
        return (fields[..guests].Sum() - fields[idle] - fields[waiting]) / TicksPerSecond;
    }

    private sealed record Stat(int Id, int Parent, double Seconds);
}
