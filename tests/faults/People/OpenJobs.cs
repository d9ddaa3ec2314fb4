using System.Collections.Concurrent;

namespace Marketplace.Faults.People;

/// <summary>The jobs that workers know of.</summary>
internal sealed class OpenJobs
{
    private readonly ConcurrentDictionary<Guid, bool> _jobs = new();

    internal void Add(Guid job) => _jobs[job] = true;

    internal void Remove(Guid job) => _jobs.TryRemove(job, out var _);

    internal Guid? Any(Random random) => _jobs.Keys.OrderBy(job => job).ToArray() is { Length: > 0 } all ? all[random.Next(all.Length)] : null;
}
