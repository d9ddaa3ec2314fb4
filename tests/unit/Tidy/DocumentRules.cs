using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Marketplace.UnitTests.Tidy;

/// <summary>What must be written down, and that what is written down is true.</summary>
internal static partial class DocumentRules
{
    private static readonly string[] TopLevel =
    [
        "services", "shared", "tests", "deploy", "Marketplace.sln", "docker-compose.yml", "README.md", "LICENSE", "global.json",
        "Directory.Build.props", "Directory.Packages.props",
    ];

    internal static readonly IReadOnlyList<Rule> All =
    [
        Rule.Each(
            "public types and nouns have a summary",
            tree => tree.CSharp.Where(file => file.Under("services", "shared")),
            file => file.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
                .Where(type => (IsPublic(type) || (PurityRules.IsNoun(file) && IsOuter(type))) && !HasSummary(type))
                .Select(type => new Finding($"{file.Path}:{type.Identifier.Text}", "says nothing about itself: purpose, units, range")),
            new SourceFile("shared/Platform/Outbox.cs", "public class Outbox;"),
            new SourceFile("shared/Platform/Outbox.cs", "/// <remarks>Not a summary.</remarks>\npublic class Outbox;"),
            new SourceFile("services/worker/Jobs/Job.cs", "internal sealed record Job;")),
        new Rule("each top folder has a page for a stranger", tree => Missing(tree))
        {
            Bad = [[new SourceFile("services/worker/Program.cs", "")], [new SourceFile("deploy/up", ""), new SourceFile("README.md", "x")]],
        },
        Rule.Each(
            "the top level is fixed",
            tree => tree.Files,
            file => TopLevel.Contains(file.Path.Split('/')[0]) || file.Path.StartsWith('.') ? []
                : [new Finding(file.Path.Split('/')[0], "has no place at the top: " + string.Join(' ', TopLevel))],
            new SourceFile("src/Program.cs", ""),
            new SourceFile("notes.txt", "")),
        Rule.Each(
            "the table of events is what the code says",
            tree => tree.Files.Where(file => file.Path == "services/README.md"),
            Differences,
            new SourceFile("services/README.md", "no table"),
            new SourceFile("services/README.md", "| `job-closed` | requester | payment | job, first |"),
            new SourceFile("services/README.md", "| `job-forgotten` | requester | worker | job, first |")),
    ];

    /// <summary><c>JobPosted</c> is <c>job-posted</c> in documents and in the broker.</summary>
    internal static string Kebab(string name) => Humps().Replace(name, "-$0").TrimStart('-').ToLowerInvariant();

    private static bool IsPublic(BaseTypeDeclarationSyntax type) =>
        type.Modifiers.Any(SyntaxKind.PublicKeyword) && type.Ancestors().OfType<BaseTypeDeclarationSyntax>().All(outer => outer.Modifiers.Any(SyntaxKind.PublicKeyword));

    private static bool IsOuter(SyntaxNode type) => !type.Ancestors().OfType<BaseTypeDeclarationSyntax>().Any();

    private static bool HasSummary(SyntaxNode type) =>
        type.GetLeadingTrivia().Any(trivia => trivia.HasStructure && trivia.ToFullString().Contains("<summary>", StringComparison.Ordinal));

    private static (int Looked, IEnumerable<Finding> Findings) Missing(SourceTree tree)
    {
        var folders = tree.Files.Select(file => file.Path.Split('/')[0])
            .Where(top => top is "services" or "shared" or "tests" or "deploy").Distinct().Append("").ToList();
        var pages = tree.Files.Where(file => file.Lines.Length > 0).Select(file => file.Path).ToHashSet();
        return (folders.Count, folders.Select(folder => folder.Length == 0 ? "README.md" : $"{folder}/README.md")
            .Where(page => !pages.Contains(page)).Select(page => new Finding(page, "is missing")));
    }

    private static IEnumerable<Finding> Differences(SourceFile page)
    {
        var written = TableRow().Matches(page.Text)
            .Select(row => $"{row.Groups[1].Value} | {row.Groups[2].Value} | {row.Groups[3].Value}").ToList();
        var inCode = EventRoutes.All
            .Select(route => $"{Kebab(route.Event.Name)} | {route.From} | {string.Join(", ", route.To)}").ToList();
        return inCode.Except(written).Select(row => new Finding(page.Path, $"does not have: {row}"))
            .Concat(written.Except(inCode).Select(row => new Finding(page.Path, $"has, but the code has not: {row}")));
    }

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Humps();

    [GeneratedRegex(@"^\| `([a-z0-9-]+)` \| (\w+) \| ([\w, ]+?) \|", RegexOptions.Multiline)]
    private static partial Regex TableRow();
}
