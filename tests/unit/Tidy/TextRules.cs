using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Marketplace.UnitTests.Tidy;

/// <summary>What must not be in any text, and what code and SQL must not do.</summary>
internal static partial class TextRules
{
    private const string Here = "tests/unit/Tidy/TextRules.cs";

    internal static readonly IReadOnlyList<Rule> All =
    [
        Rule.Each(
            "no path of one machine",
            tree => tree.Files.Where(file => file.Path != Here),
            file => Lines(file, MachinePath(), "is a path of one machine"),
            new SourceFile("README.md", "see /home/somebody/marketplace"),
            new SourceFile("deploy/up", "cd /root/marketplace"),
            new SourceFile("deploy/up", "cd /work/main"),
            new SourceFile("deploy/up", @"cd C:\Users\somebody")),
        Rule.Each(
            "nothing is left for later",
            tree => tree.Files.Where(file => file.Path != Here),
            file => Lines(file, LeftForLater(), "do it, or leave it out"),
            new SourceFile("services/worker/Jobs/Job.cs", "// TODO: the rest"),
            new SourceFile("deploy/up", "# FIXME"),
            new SourceFile("services/worker/Jobs/Job.cs", "throw new NotImplementedException();")),
        Rule.Each(
            "SQL names its columns and has its values as parameters",
            tree => tree.CSharp.Where(file => file.Under("services", "shared/Platform")),
            file => SelectAll().Matches(file.Text).Select(_ => new Finding(file.Path, "select *: name the columns")).Concat(BuiltSql(file)),
            Verb(""" const string S = "select * from job"; """),
            Verb(""" string S(int id) => $"select title from job where job_id = {id}"; """),
            Verb(""" string S(string where) => "delete from job " + where; """)),
        Rule.Each(
            "what is suppressed says why",
            tree => tree.Files.Where(file => file.Path != Here && (file.IsCSharp || file.Path.EndsWith("proj", StringComparison.Ordinal) || file.Path.EndsWith(".props", StringComparison.Ordinal))),
            file => Lines(file, Suppressed(), "gives its reason on its line"),
            new SourceFile("Directory.Build.props", "<NoWarn>$(NoWarn);CA1000</NoWarn>"),
            new SourceFile("services/worker/Jobs/Job.cs", "#pragma warning disable CA1000"),
            new SourceFile("services/worker/Jobs/Job.cs", """[SuppressMessage("Design", "CA1000")]""")),
        new Rule("every request has a validator", Unvalidated)
        {
            Bad =
            [
                [new SourceFile("services/worker/Jobs/PostJob.cs", "static class PostJob { record Request(string Title); }")],
                [new SourceFile("services/worker/Jobs/PostJob.cs", "record PostJobRequest(string Title); class V : AbstractValidator<Other>;")],
            ],
        },
    ];

    private static IEnumerable<Finding> Lines(SourceFile file, Regex bad, string what) =>
        file.Lines.Select((line, at) => (line, at)).Where(l => bad.IsMatch(l.line))
            .Select(l => new Finding(file.Path, $"line {l.at + 1}: {what}: {l.line.Trim()}"));

    private static IEnumerable<Finding> BuiltSql(SourceFile file)
    {
        var interpolated = file.Syntax.DescendantNodes().OfType<InterpolatedStringExpressionSyntax>()
            .Where(text => text.Contents.OfType<InterpolationSyntax>().Any() && Sql().IsMatch(text.Contents.ToString()));
        var added = file.Syntax.DescendantNodes().OfType<BinaryExpressionSyntax>()
            .Where(sum => sum.OperatorToken.Text == "+" && sum.Left is LiteralExpressionSyntax left && Sql().IsMatch(left.Token.ValueText));
        return interpolated.Concat<ExpressionSyntax>(added).Where(sql => !IsConstant(sql))
            .Select(sql => new Finding(file.Path, $"builds SQL from parts: {sql.ToString().ReplaceLineEndings(" ")}"));
    }

    /// <summary>The compiler lets a constant consist of constants only.</summary>
    private static bool IsConstant(ExpressionSyntax sql) =>
        sql.Ancestors().OfType<FieldDeclarationSyntax>().Any(field => field.Modifiers.Any(modifier => modifier.Text == "const"))
        || sql.Ancestors().OfType<LocalDeclarationStatementSyntax>().Any(local => local.IsConst);

    private static (int Looked, IEnumerable<Finding> Findings) Unvalidated(SourceTree tree)
    {
        var code = tree.CSharp.Where(file => file.Under("services")).ToList();
        var validated = code.SelectMany(file => file.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
            .SelectMany(type => type.BaseList?.Types.Select(b => b.Type.ToString()) ?? [])
            .Where(name => name.StartsWith("AbstractValidator<", StringComparison.Ordinal))
            .SelectMany(name => new[] { name, $"{file.Path} {name}" })).ToHashSet();

        var requests = code.SelectMany(file => file.Syntax.DescendantNodes().OfType<RecordDeclarationSyntax>()
            .Where(type => type.Identifier.Text.EndsWith("Request", StringComparison.Ordinal)).Select(type => (file, name: type.Identifier.Text))).ToList();
        return (code.Count, requests
            .Where(r => !validated.Contains(r.name == "Request" ? $"{r.file.Path} AbstractValidator<Request>" : $"AbstractValidator<{r.name}>"))
            .Select(r => new Finding($"{r.file.Path}:{r.name}", "has no AbstractValidator")));
    }

    private static SourceFile Verb(string member) => new("services/worker/Jobs/PostJob.cs", $"static class PostJob {{ {member} }}");

    [GeneratedRegex(@"(^|[^\w.])(/work/|/root/|/home/[a-z])|C:\\Users")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException")]
    private static partial Regex LeftForLater();

    // Arrays unnested into an insert have no columns but those that the insert names.
    [GeneratedRegex(@"\bselect\s+(\w+\.)?\*(?!\s+from\s+unnest\()", RegexOptions.IgnoreCase)]
    private static partial Regex SelectAll();

    [GeneratedRegex(@"\b(select\s[\s\S]+\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from)\s", RegexOptions.IgnoreCase)]
    private static partial Regex Sql();

    [GeneratedRegex(@"<NoWarn>(?!.*<!--)|#pragma warning disable(?!.*//)|SuppressMessage\((?!.*Justification)")]
    private static partial Regex Suppressed();
}
