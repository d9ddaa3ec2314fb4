using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Marketplace.UnitTests.Tidy;

/// <summary>
/// A folder is a capability; a file is a noun or a verb; effects are visible in the verb. A noun file is values and
/// functions over values: time, ids and chance are arguments.
/// </summary>
internal static class PurityRules
{
    private static readonly string[] Verbs =
    [
        "Add", "Adopt", "Append", "Ask", "Book", "Cancel", "Change", "Claim", "Clear", "Close", "Confirm", "Count", "Create", "Delete", "Download", "End", "Enter",
        "Exclude", "Expire", "Export", "Feed", "Find", "Follow", "Fund", "Get", "Issue", "List", "Look", "Make", "Measure", "Name", "Number", "Open", "Pay", "Post", "Preview", "Price",
        "Publish", "Raise", "Read", "Reconcile", "Record", "Refuse", "Release", "Renew", "Report", "Resend", "Return", "Revoke", "Save", "Seed", "Send", "Serve", "Settle",
        "Show", "Sign", "Start", "Stop", "Store", "Stream", "Submit", "Take", "Tell", "Upload", "Watch", "Work", "Write",
    ];

    /// <summary>Parts of a verb that got a file of their own.</summary>
    private static readonly string[] EffectsByName = ["Endpoints", "Queries", "Pages", "Page", "Responses", "Command", "Commands", "Client", "Store", "Settings", "Reader", "Writer", "Stream", "Handler"];

    /// <summary>Ui because some nouns are words, and how money and time are written is pure too; NSec because .NET has no Ed25519.</summary>
    private static readonly string[] Allowed = ["System", "Marketplace.Contracts", "Marketplace.PayRule", "Marketplace.Ui", "NSec.Cryptography"];

    private static readonly string[] ImpureSystem =
        ["System.Data", "System.Diagnostics", "System.IO", "System.Net.Http", "System.Net.Sockets", "System.Threading"];

    private static readonly string[] ImpureMembers =
        ["UtcNow", "Now", "GetUtcNow", "NewGuid", "CreateVersion7", "RandomNumberGenerator", "Random", "TimeProvider", "File", "Environment"];

    internal static readonly IReadOnlyList<Rule> All =
    [
        Rule.Each(
            "a noun file is pure",
            tree => tree.CSharp.Where(IsNoun),
            file => Impurities(file).Distinct().ToList() is { Count: > 0 } all ? [new Finding(file.Path, string.Join("; ", all), all.Count)] : [],
            Noun("using Dapper;\nclass Job;"),
            Noun("using System.Data.Common;\nclass Job;"),
            Noun("class Job { async System.Threading.Tasks.Task Wait() { } }"),
            Noun("class Job { object At = System.DateTimeOffset.UtcNow; }"),
            Noun("class Job { object Id = System.Guid.NewGuid(); }"),
            Noun("class Job { object Id = System.Random.Shared.Next(); }"),
            new SourceFile("shared/PayRule/Pay.cs", "using Npgsql;\nclass Pay;")),
    ];

    internal static bool IsNoun(SourceFile file)
    {
        if (file.Under("shared/Contracts", "shared/PayRule"))
            return true;
        var inFolderOfAService = file.Path.Split('/') is ["services", _, not "Schema", _];
        return inFolderOfAService && !IsVerb(file.Name);
    }

    private static bool IsVerb(string name) =>
        name.EndsWith(".cshtml", StringComparison.Ordinal)
        || FirstWord(name) == "On"
        || Verbs.Contains(FirstWord(name)) && name != FirstWord(name)
        || EffectsByName.Any(ending => name.EndsWith(ending, StringComparison.Ordinal));

    private static string FirstWord(string name)
    {
        var end = 1;
        while (end < name.Length && char.IsLower(name[end]))
            end++;
        return name[..end];
    }

    private static IEnumerable<string> Impurities(SourceFile file)
    {
        var ofItsService = string.Join('.', NameRules.ExpectedNamespace(file.Path).Split('.').Take(2));
        foreach (var used in file.Syntax.DescendantNodes().OfType<UsingDirectiveSyntax>().Select(used => used.Name!.ToString()))
        {
            var allowed = Allowed.Append(ofItsService).Any(start => used == start || used.StartsWith(start + ".", StringComparison.Ordinal));
            if (!allowed || ImpureSystem.Contains(used) || used == "System.Data.Common")
                yield return $"uses {used}, not only System, Contracts, PayRule and Ui";
        }

        foreach (var token in file.Syntax.DescendantTokens())
        {
            if (token.IsKind(SyntaxKind.AsyncKeyword) || token.IsKind(SyntaxKind.AwaitKeyword))
                yield return "waits, which a verb does";
            if (token.IsKind(SyntaxKind.IdentifierToken) && ImpureMembers.Contains(token.Text) && IsUsedFrom(token.Parent))
                yield return $"says {token.Text}, but time, ids and chance are arguments";
        }
    }

    /// <summary>A name in an expression or type, not the name of something that is declared here.</summary>
    private static bool IsUsedFrom(SyntaxNode? node) =>
        node is IdentifierNameSyntax { Parent: MemberAccessExpressionSyntax or QualifiedNameSyntax or ParameterSyntax or ObjectCreationExpressionSyntax };

    private static SourceFile Noun(string text) => new("services/worker/Jobs/Job.cs", text);
}
