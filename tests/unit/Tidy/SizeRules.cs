using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Marketplace.UnitTests.Tidy;

/// <summary>A file is read at one sitting, a function on one screen.</summary>
internal static class SizeRules
{
    private const int MostLinesOfAFile = 300;
    private const int MostLinesOfAFunction = 60;

    internal static readonly IReadOnlyList<Rule> All =
    [
        Rule.Each(
            "a file is at most 300 lines",
            tree => tree.WithEnding(".cs", ".cshtml", ".sql", ".sh", ".js").Where(file => !file.Path.EndsWith("/schema.sql", StringComparison.Ordinal)),
            file => Over(file.Path, file.Lines.Length, MostLinesOfAFile),
            new SourceFile("services/worker/Jobs/Job.cs", string.Concat(Enumerable.Repeat("// a line\n", 301)))),
        Rule.Each(
            "a function is at most 60 lines",
            tree => tree.CSharp,
            file => Functions(file).SelectMany(function => Over($"{file.Path}:{function.Name}", function.Lines, MostLinesOfAFunction)),
            new SourceFile("services/worker/Jobs/Job.cs", $$"""class Job { void Grow() { {{new string('\n', 61)}} } }"""),
            new SourceFile("services/worker/Jobs/Job.cs", $$"""class Job { public Job() { {{new string('\n', 61)}} } }"""),
            new SourceFile("services/worker/Jobs/Job.cs", $$"""class Job { void Out() { void In() { {{new string('\n', 61)}} } } }""")),
    ];

    private static IEnumerable<Finding> Over(string where, int lines, int most) =>
        lines > most ? [new Finding(where, $"{lines} lines; at most {most}", lines)] : [];

    private static IEnumerable<(string Name, int Lines)> Functions(SourceFile file)
    {
        foreach (var node in file.Syntax.DescendantNodes())
        {
            var name = node switch
            {
                MethodDeclarationSyntax method => method.Identifier.Text,
                LocalFunctionStatementSyntax local => local.Identifier.Text,
                ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
                _ => null,
            };
            if (name is not null)
                yield return (name, LinesOf(node));
        }
    }

    /// <summary>From the signature to the closing brace, without doc comments and attributes above.</summary>
    private static int LinesOf(SyntaxNode node)
    {
        var lines = node.SyntaxTree.GetLineSpan(node.Span);
        return lines.EndLinePosition.Line - lines.StartLinePosition.Line + 1;
    }
}
