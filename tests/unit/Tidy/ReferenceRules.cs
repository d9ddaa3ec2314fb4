using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Marketplace.UnitTests.Tidy;

/// <summary>Who may know whom. Services talk by events only; what is pure stays free of what is not.</summary>
internal static partial class ReferenceRules
{
    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["shared/Contracts/Contracts.csproj"] = [],
        ["shared/PayRule/PayRule.csproj"] = ["Contracts"],
        ["shared/Platform/Platform.csproj"] = ["Contracts", "Ui"],
        ["shared/Ui/Ui.csproj"] = ["Contracts", "PayRule"],
        ["services/gateway/Gateway.csproj"] = ["Contracts", "Platform", "Ui"],
        ["services/requester/Requester.csproj"] = ["Contracts", "PayRule", "Platform", "Ui"],
        ["services/worker/Worker.csproj"] = ["Contracts", "PayRule", "Platform", "Ui"],
        ["services/payment/Payment.csproj"] = ["Contracts", "PayRule", "Platform", "Ui"],
        ["services/auditor/Auditor.csproj"] = ["Contracts"],
    };

    private static readonly string[] WordsOfTheDomain =
        ["Job", "Assignment", "Payout", "Escrow", "Ledger", "Reward", "Allowance", "Payslip", "Deposit", "Lease", "Credit"];

    internal static readonly IReadOnlyList<Rule> All =
    [
        Rule.Each(
            "projects reference what they may",
            tree => tree.WithEnding(".csproj").Where(file => file.Under("services", "shared")),
            Forbidden,
            Project("services/worker/Worker.csproj", "../payment/Payment.csproj"),
            Project("shared/PayRule/PayRule.csproj", "../Platform/Platform.csproj"),
            Project("shared/Ui/Ui.csproj", "../Platform/Platform.csproj"),
            Project("services/auditor/Auditor.csproj", "../../shared/PayRule/PayRule.csproj"),
            Project("services/new/New.csproj", "../../shared/Contracts/Contracts.csproj")),
        Rule.Each(
            "pure projects need no packages",
            tree => tree.WithEnding("shared/Contracts/Contracts.csproj", "shared/PayRule/PayRule.csproj"),
            file => file.Text.Contains("<PackageReference", StringComparison.Ordinal) || file.Text.Contains("<FrameworkReference", StringComparison.Ordinal)
                ? [new Finding(file.Path, "needs nothing but the language and its library")] : [],
            new SourceFile("shared/PayRule/PayRule.csproj", """<PackageReference Include="Dapper" />""")),
        Rule.Each(
            "a service names no other service's code",
            tree => tree.CSharp.Where(file => file.Under("services")),
            file => OtherServices(file).Select(other => new Finding(file.Path, $"names {other}; services talk by events")),
            new SourceFile("services/worker/Jobs/Job.cs", "using Marketplace.Payment.Ledger;"),
            new SourceFile("services/worker/Jobs/Job.cs", "class Job { Marketplace.Requester.Jobs.Job? Other; }")),
        Rule.Each(
            "no word of the domain in Platform",
            tree => tree.CSharp.Where(file => file.Under("shared/Platform")),
            file => file.Syntax.DescendantTokens()
                .Where(token => token.IsKind(SyntaxKind.IdentifierToken) && WordsOfTheDomain.Any(word => HasWord(token.Text, word)))
                .Select(token => new Finding(file.Path, $"says {token.Text}; every service starts from Platform, whatever it is about")),
            new SourceFile("shared/Platform/Outbox.cs", "class Outbox { void AddJob() { } }"),
            new SourceFile("shared/Platform/Outbox.cs", "class Outbox { object escrow; }")),
    ];

    private static IEnumerable<Finding> Forbidden(SourceFile project)
    {
        if (!MayReference.TryGetValue(project.Path, out var allowed))
            return [new Finding(project.Path, "is not in the table of who may know whom")];
        return ProjectReference().Matches(project.Text)
            .Select(match => Path.GetFileNameWithoutExtension(match.Groups[1].Value.Replace('\\', '/')))
            .Where(reference => !allowed.Contains(reference))
            .Select(reference => new Finding(project.Path, $"references {reference}"));
    }

    private static IEnumerable<string> OtherServices(SourceFile file)
    {
        string[] services = ["Gateway", "Payment", "Requester", "Worker"];
        var own = NameRules.ExpectedNamespace(file.Path).Split('.')[1];
        return file.Syntax.DescendantNodes().OfType<QualifiedNameSyntax>().Select(name => name.ToString())
            .Where(name => services.Any(service => service != own
                && (name == $"Marketplace.{service}" || name.StartsWith($"Marketplace.{service}.", StringComparison.Ordinal))))
            .Distinct();
    }

    private static bool HasWord(string identifier, string word) =>
        Regex.IsMatch(identifier, $"(^|[a-z0-9_]){word}(s?)($|[A-Z0-9_])") || Regex.IsMatch(identifier, $"^{word.ToLowerInvariant()}s?($|[A-Z0-9_])");

    private static SourceFile Project(string path, string reference) =>
        new(path, $"""<Project><ItemGroup><ProjectReference Include="{reference}" /></ItemGroup></Project>""");

    [GeneratedRegex("<ProjectReference\\s+Include=\"([^\"]+)\"")]
    private static partial Regex ProjectReference();
}
