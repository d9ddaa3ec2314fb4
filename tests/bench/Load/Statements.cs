using System.Reflection;
using System.Text.RegularExpressions;

namespace Marketplace.Bench.Load;

/// <summary>The services' own SQL, taken from their code, so that what is measured here is what runs there.</summary>
internal static partial class Statements
{
    /// <summary>A statement by its name in the type that runs it.</summary>
    /// <exception cref="InvalidOperationException">It has another name now: the row that asks for it must follow.</exception>
    internal static string Of(Type type, string name) =>
        type.GetField(name, BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
        ?? throw new InvalidOperationException($"{type.Name} has no statement {name}.");

    /// <summary>The statement with each <c>@Parameter</c> as an expression of pgbench's, ending in a semicolon.</summary>
    internal static string Fill(string statement, IReadOnlyDictionary<string, string> with) =>
        string.Join(' ', Parameter().Replace(statement, match => with.TryGetValue(match.Groups[1].Value, out var value)
            ? value
            : throw new InvalidOperationException($"@{match.Groups[1].Value} has no value here.")).Split(['\n', ' '], StringSplitOptions.RemoveEmptyEntries)) + ";";

    /// <summary>A uuid from a number, cheap for the server and in rising order as the services' own are.</summary>
    internal static string Uuid(string number) => $"lpad(to_hex({number}::bigint), 32, '0')::uuid";

    [GeneratedRegex("@([A-Z][A-Za-z0-9]*)")]
    private static partial Regex Parameter();
}
