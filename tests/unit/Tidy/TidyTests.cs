namespace Marketplace.UnitTests.Tidy;

public sealed class TidyTests
{
    private static readonly Lazy<SourceTree> Tree = new(() => SourceTree.Read(Repository.Root));

    private static readonly Lazy<Dictionary<string, int>> Ratchet = new(ReadRatchet);

    public static IEnumerable<TheoryDataRow<string>> Rules => Rule.All.Select(rule => new TheoryDataRow<string>(rule.Name));

    public static IEnumerable<TheoryDataRow<string, int>> BadSamples =>
        Rule.All.SelectMany(rule => rule.Bad.Select((_, at) => new TheoryDataRow<string, int>(rule.Name, at)));

    [Theory, MemberData(nameof(Rules))]
    public void The_repository_keeps(string rule)
    {
        var (looked, findings) = Find(rule, Tree.Value);

        Assert.True(looked > 0, "the rule found nothing to look at");
        var worse = findings.Where(finding => !Allows(rule, finding)).Select(finding => $"{finding.Where}: {finding.What}").ToList();
        Assert.True(worse.Count == 0, $"{rule}:\n" + string.Join('\n', worse));
    }

    [Theory, MemberData(nameof(BadSamples))]
    public void A_rule_sees_what_is_bad(string rule, int sample)
    {
        var tree = new SourceTree(Rule.All.Single(r => r.Name == rule).Bad[sample]);
        Assert.NotEmpty(Find(rule, tree).Findings);
    }

    [Fact]
    public void A_rule_that_cannot_read_its_input_looks_at_nothing_or_complains()
    {
        var nothing = new SourceTree([]);
        Assert.All(Rule.All, rule =>
        {
            var (looked, findings) = rule.Look(nothing);
            Assert.True(looked == 0 || findings.Any(), rule.Name);
        });
    }

    [Fact]
    public void Who_no_longer_breaks_a_rule_leaves_the_list()
    {
        var stillThere = Rule.All.SelectMany(rule => Find(rule.Name, Tree.Value).Findings.Select(finding => Key(rule.Name, finding.Where))).ToHashSet();
        Assert.DoesNotContain(Ratchet.Value.Keys, key => !stillThere.Contains(key));
    }

    private static (int Looked, List<Finding> Findings) Find(string rule, SourceTree tree)
    {
        var (looked, findings) = Rule.All.Single(r => r.Name == rule).Look(tree);
        return (looked, findings.ToList());
    }

    private static bool Allows(string rule, Finding finding) =>
        Ratchet.Value.TryGetValue(Key(rule, finding.Where), out var most) && finding.Size <= most;

    private static string Key(string rule, string where) => $"{rule}; {where}";

    /// <summary>Lines of <c>rule; where; size</c>: today's offenders. The list may only shrink, and so may their sizes.</summary>
    private static Dictionary<string, int> ReadRatchet() =>
        File.ReadAllLines(Repository.PathOf("tests", "unit", "Tidy", "ratchet.txt"))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split("; "))
            .ToDictionary(parts => Key(parts[0], parts[1]), parts => int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture));
}
