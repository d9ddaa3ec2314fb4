using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Marketplace.UnitTests.Tidy;

/// <summary>A name says what a thing is in the words of the design; some names only say that nobody knew.</summary>
internal static partial class NameRules
{
    private static readonly Dictionary<string, string> Projects = new()
    {
        ["services/gateway"] = "Gateway",
        ["services/payment"] = "Payment",
        ["services/requester"] = "Requester",
        ["services/worker"] = "Worker",
        ["services/auditor"] = "Auditor",
        ["deploy/demo"] = "Demo",
        ["deploy/rehearsal"] = "Rehearsal",
        ["deploy/requeuer"] = "Requeuer",
        ["shared/Contracts"] = "Contracts",
        ["shared/PayRule"] = "PayRule",
        ["shared/Platform"] = "Platform",
        ["shared/Ui"] = "Ui",
        ["tests/unit"] = "UnitTests",
        ["tests/service"] = "ServiceTests",
        ["tests/journeys"] = "JourneyTests",
        ["tests/faults"] = "Faults",
        ["tests/bench"] = "Bench",
    };

    /// <summary>Interfaces that are worth having before a second implementation is there, and why.</summary>
    private static readonly Dictionary<string, string> WorthHaving = new()
    {
        ["IPaymentRail"] = "the plug that real payment rails go into; there is only the sandbox yet",
    };

    internal static readonly IReadOnlyList<Rule> All =
    [
        Rule.Each(
            "no name that says nothing",
            tree => tree.Files.Where(file => file.Under("services", "shared", "tests", "deploy")),
            file => NamesIn(file).Where(name => IsEmpty(file, name)).Select(name => new Finding(file.Path, $"{name}: say what it is")),
            new SourceFile("services/worker/Jobs/JobHelper.cs", "class Job;"),
            new SourceFile("services/worker/Util/Job.cs", "class Job;"),
            new SourceFile("services/worker/Common/Job.cs", "class Job;"),
            new SourceFile("services/worker/Jobs/Job.cs", "class JobManager;"),
            new SourceFile("services/worker/Jobs/Job.cs", "class JobService;"),
            new SourceFile("services/worker/Jobs/Job.cs", "record JobBase;")),
        Rule.Each(
            "the namespace is the folder",
            tree => tree.CSharp.Where(file => file.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Any()),
            Misplaced,
            new SourceFile("services/worker/Jobs/Job.cs", "namespace Marketplace.Worker;\nclass Job;"),
            new SourceFile("services/worker/Jobs/Job.cs", "namespace Marketplace.Worker.Jobs { class Job; }"),
            new SourceFile("shared/PayRule/Pay.cs", "class Pay;")),
        new Rule("no interface with one implementation", LonelyInterfaces)
        {
            Bad = [[new SourceFile("services/worker/Jobs/Job.cs", "interface IJob; class Job : IJob;")]],
        },
    ];

    /// <summary><c>services/worker/Jobs/Job.cs</c> is in <c>Marketplace.Worker.Jobs</c>.</summary>
    internal static string ExpectedNamespace(string path)
    {
        var folders = path.Split('/')[..^1];
        var project = string.Join('/', folders.Take(2));
        return string.Join('.', new[] { "Marketplace", Projects.GetValueOrDefault(project, project) }.Concat(folders.Skip(2)));
    }

    private static IEnumerable<string> NamesIn(SourceFile file)
    {
        var inPath = file.Path.Split('/')[..^1].Append(file.Name);
        return file.IsCSharp
            ? inPath.Concat(file.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Select(type => type.Identifier.Text)).Distinct()
            : inPath;
    }

    private static bool IsEmpty(SourceFile file, string name)
    {
        var compositionRoot = file.Path.Split('/') is ["services", _, _] && file.Name.EndsWith("Service", StringComparison.Ordinal);
        return SaysNothing().IsMatch(name) || (file.Under("services", "shared") && name.EndsWith("Service", StringComparison.Ordinal) && !compositionRoot);
    }

    private static IEnumerable<Finding> Misplaced(SourceFile file)
    {
        var expected = ExpectedNamespace(file.Path);
        var found = file.Syntax.ChildNodes().OfType<FileScopedNamespaceDeclarationSyntax>().SingleOrDefault()?.Name.ToString();
        return found == expected ? [] : [new Finding(file.Path, $"is in {found ?? "no file-scoped namespace"}, not in {expected}")];
    }

    private static (int Looked, IEnumerable<Finding> Findings) LonelyInterfaces(SourceTree tree)
    {
        var types = tree.CSharp.SelectMany(file => file.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>().Select(type => (file, type))).ToList();
        var bases = types.SelectMany(t => t.type.BaseList?.Types.Select(b => b.Type.ToString().Split('<')[0].Split('.')[^1]) ?? [])
            .ToLookup(name => name);
        var lonely = types.Where(t => t.type is InterfaceDeclarationSyntax && bases[t.type.Identifier.Text].Count() < 2 && !WorthHaving.ContainsKey(t.type.Identifier.Text))
            .Select(t => new Finding(t.file.Path, $"{t.type.Identifier.Text} has one implementation or none: use that"));
        return (types.Count, lonely);
    }

    [GeneratedRegex("(Helper|Util|Utility|Manager)s?($|[A-Z])|^(Utilities|Common|Misc)$|Base$")]
    private static partial Regex SaysNothing();
}
