namespace Marketplace.Faults.Machine;

/// <summary>How an installation is made: many copies to break, or one of each as a small marketplace runs it.</summary>
internal sealed record Setup
{
    /// <summary>Two copies of everything, a clock for each, and times so short that a run is over within a minute.</summary>
    internal static readonly Setup ToBreak = new() { Copies = 2, ShortTimes = true };

    internal required int Copies { get; init; }

    /// <summary>Whether the pay policy has short times, and each copy a clock that can be set.</summary>
    internal bool ShortTimes { get; init; }

    /// <summary>Settings that every service is given beside its own.</summary>
    internal IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>The checkout whose programs are run; null: this one.</summary>
    internal string? Programs { get; init; }
}
