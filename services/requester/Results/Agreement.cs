namespace Marketplace.Requester.Results;

/// <summary>
/// How far people agree over a job's tasks, as counts that can be added up task by task. Krippendorff's alpha for labels
/// without an order (nominal): 1 − observed ÷ expected disagreement, over tasks with at least two answers.
/// </summary>
internal sealed class Agreement
{
    private readonly Dictionary<string, long> _labels = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, long> _byVotes = [];
    private readonly Dictionary<string, long> _majorities = new(StringComparer.Ordinal);
    private double _disagreeing;
    private long _pairable;

    /// <summary>Tasks with as many answers as were wanted.</summary>
    public long Complete { get; private set; }

    /// <summary>Tasks whose majority is shared by several labels.</summary>
    public long Tied { get; private set; }

    /// <summary>Of the complete tasks: how many have a majority of so many votes.</summary>
    public IReadOnlyDictionary<int, long> ByVotes => _byVotes;

    /// <summary>How many tasks have each majority label.</summary>
    public IReadOnlyDictionary<string, long> Majorities => _majorities;

    /// <summary>Krippendorff's alpha; null while nothing can be compared.</summary>
    public double? Alpha
    {
        get
        {
            var expected = (double)_pairable * _pairable - _labels.Values.Sum(n => (double)n * n);
            return _pairable < 2 || expected <= 0 ? null : 1 - ((_pairable - 1) * _disagreeing / expected);
        }
    }

    /// <summary>Adds one task's counted answers.</summary>
    public void Add(IReadOnlyCollection<string> answers, int wanted)
    {
        if (answers.Count == 0)
            return;

        var majority = Majority.Of(answers);
        _majorities[majority.Label] = _majorities.GetValueOrDefault(majority.Label) + 1;
        if (majority.Tied)
            Tied++;
        if (answers.Count >= wanted)
        {
            Complete++;
            _byVotes[majority.Votes] = _byVotes.GetValueOrDefault(majority.Votes) + 1;
        }

        if (answers.Count < 2)
            return;
        var counts = answers.GroupBy(a => a, StringComparer.Ordinal).Select(g => (g.Key, Count: (long)g.Count())).ToArray();
        foreach (var (label, count) in counts)
            _labels[label] = _labels.GetValueOrDefault(label) + count;
        var all = (long)answers.Count;
        _disagreeing += ((all * all) - counts.Sum(c => c.Count * c.Count)) / (double)(all - 1);
        _pairable += all;
    }
}
