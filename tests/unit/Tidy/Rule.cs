namespace Marketplace.UnitTests.Tidy;

/// <summary>Something that breaks a rule.</summary>
/// <param name="Where">The file, and the member if it is about one: the key of the ratchet.</param>
/// <param name="What">What is wrong, and what would be right.</param>
/// <param name="Size">For rules about sizes: how large; else 0.</param>
internal sealed record Finding(string Where, string What, int Size = 0);

/// <summary>
/// A habit that the repository keeps. <see cref="Look"/> returns how many things it looked at, because a rule that cannot
/// read its input must fail, and <see cref="Bad"/> holds trees that it must complain about, because a rule that was never
/// seen to fail is not a rule.
/// </summary>
internal sealed record Rule(string Name, Func<SourceTree, (int Looked, IEnumerable<Finding> Findings)> Look)
{
    internal required IReadOnlyList<SourceFile[]> Bad { get; init; }

    /// <summary>A rule about each of some files.</summary>
    internal static Rule Each(
        string name,
        Func<SourceTree, IEnumerable<SourceFile>> which,
        Func<SourceFile, IEnumerable<Finding>> look,
        params SourceFile[] bad) =>
        new(name, tree =>
        {
            var files = which(tree).ToList();
            return (files.Count, files.SelectMany(look));
        })
        { Bad = [.. bad.Select(file => new[] { file })] };

    internal static readonly IReadOnlyList<Rule> All =
        [.. SizeRules.All, .. PurityRules.All, .. NameRules.All, .. ReferenceRules.All, .. DocumentRules.All, .. TextRules.All, .. PageRules.All];
}
