using Marketplace.Faults.Plan;

namespace Marketplace.Faults;

/// <summary>What all runs together counted.</summary>
internal sealed class Tally
{
    private readonly SortedDictionary<FaultKind, int> _faults = [];
    private readonly List<TimeSpan> _settled = [];
    private int _runs;
    private long _submits;
    private double _sentAgain;

    /// <summary>Kinds that this machine cannot do, with the reason.</summary>
    internal Dictionary<FaultKind, string> LeftOut { get; } = [];

    /// <summary>Of the errors planted into good books, how many the checker objected to.</summary>
    internal (int Objected, int Planted) Objections { get; set; }

    internal int Passed { get; private set; }

    internal int Failed { get; private set; }

    internal void Add(Outcome outcome)
    {
        _runs++;
        Passed += outcome.Wrong.Count == 0 ? 1 : 0;
        Failed += outcome.Wrong.Count == 0 ? 0 : 1;
        foreach (var fault in outcome.Schedule.Faults)
            _faults[fault.Kind] = _faults.GetValueOrDefault(fault.Kind) + 1;
        if (outcome.Settled is { } settled)
            _settled.Add(settled);
        _submits += outcome.Books?.Told.Submits.Count ?? 0;
        _sentAgain += outcome.SentAgain;
    }

    /// <summary>Counts a long run, or the auditor's, and says what was wrong with it.</summary>
    internal void Add(IReadOnlyList<string> wrong)
    {
        Passed += wrong.Count == 0 ? 1 : 0;
        Failed += wrong.Count == 0 ? 0 : 1;
        foreach (var each in wrong.GroupBy(w => w))
            Console.WriteLine($"  {each.Count()} times: {each.Key}");
    }

    internal void Print()
    {
        if (_runs == 0)
            return;

        Console.WriteLine();
        foreach (var (kind, count) in _faults)
            Console.WriteLine($"{count,6}  {FaultKinds.Word(kind)}");
        Console.WriteLine($"{_faults.Values.Sum(),6}  faults in {_runs} runs, {_submits} acknowledged submits");
        foreach (var (kind, why) in LeftOut)
            Console.WriteLine($"        {FaultKinds.Word(kind)} left out: {why}");
        if (_settled.Count > 0)
        {
            var sorted = _settled.Order().ToArray();
            Console.WriteLine($"settled in {sorted[sorted.Length / 2].TotalSeconds:0.0} s at the median, {sorted[^1].TotalSeconds:0.0} s at the longest");
        }

        Console.WriteLine($"the checker objected to {Objections.Objected} of {Objections.Planted} errors planted into good books");
    }
}
