namespace Marketplace.Faults.Plan;

/// <summary>How long people are looked at, and how sure somebody who follows them may be.</summary>
/// <param name="Works">How long people work.</param>
/// <param name="Every">The step of publication; zero shows everything at once, for programs that know no step.</param>
/// <param name="LeastLinks">So many links have to be claimed, else nothing was tried.</param>
/// <param name="Margin">So much better than chance may the claims be, as a share of them.</param>
internal sealed record SnoopLength(TimeSpan Works, TimeSpan Every, int LeastLinks, double Margin)
{
    internal static readonly SnoopLength Whole = new(TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(5), 500, 0.10);
    internal static readonly SnoopLength Short = new(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(30), 100, 0.20);

    /// <summary>Null where the word is none of these.</summary>
    internal static SnoopLength? Parse(string? word) => word switch
    {
        "whole" => Whole,
        "short" => Short,
        _ => null,
    };
}
