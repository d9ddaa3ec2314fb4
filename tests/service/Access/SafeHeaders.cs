namespace Marketplace.ServiceTests.Access;

/// <summary>The headers that every answer has, whatever became of the request.</summary>
internal static class SafeHeaders
{
    private static readonly (string Name, string Value)[] Always =
    [
        ("X-Content-Type-Options", "nosniff"),
        ("X-Frame-Options", "DENY"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ];

    /// <summary>What is wrong with an answer's headers, in words; empty where nothing is.</summary>
    internal static IEnumerable<string> MissingOf(HttpResponseMessage answer)
    {
        foreach (var (name, value) in Always)
        {
            if (!answer.Headers.TryGetValues(name, out var found) || found.Single() != value)
                yield return $"no {name}: {value}";
        }

        var policies = answer.Headers.TryGetValues("Content-Security-Policy", out var sent) ? sent.ToArray() : [];
        if (policies is not [var policy])
            yield return $"{policies.Length} content policies";
        else if (!policy.StartsWith("default-src 'none'", StringComparison.Ordinal) || policy.Contains("unsafe-eval", StringComparison.Ordinal) || policy.Contains("script-src 'self' '", StringComparison.Ordinal))
            yield return $"a loose content policy: {policy}";
        if (answer.Headers.Contains("Server") || answer.Headers.Contains("X-Powered-By"))
            yield return "the server's name";
    }
}
