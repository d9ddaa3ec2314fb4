using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.Platform;

/// <summary>Refusals as problem details (RFC 9457): what happened, what would be accepted, the fields concerned, a reference for support.</summary>
public static class Problems
{
    private static readonly string[] First =
        ["amber", "birch", "cedar", "coral", "delta", "ember", "fjord", "hazel", "ivory", "maple", "ocean", "olive", "pearl", "river", "slate", "tulip"];

    private static readonly string[] Second =
        ["anchor", "basket", "candle", "dolphin", "falcon", "garden", "harbor", "island", "kettle", "ladder", "meadow", "needle", "orchard", "pillow", "ribbon", "saddle"];

    /// <summary>A refusal with an HTTP <paramref name="status"/>. Messages by field name go to <c>errors</c>.</summary>
    public static ProblemHttpResult Refuse(int status, string title, string detail, params (string Field, string Message)[] errors) =>
        TypedResults.Problem(Describe(status, title, detail, errors));

    /// <summary>The refusal as a value, for what does not end as a result.</summary>
    public static ProblemDetails Describe(int status, string title, string detail, params (string Field, string Message)[] errors)
    {
        var problem = new ProblemDetails { Status = status, Title = title, Detail = detail };
        if (errors.Length > 0)
            problem.Extensions["errors"] = errors.GroupBy(e => e.Field).ToDictionary(g => g.Key, g => g.Select(e => e.Message).ToArray());
        return problem;
    }

    /// <summary>Two words and a number: easy to say on the telephone, tied to nothing, also written to the log.</summary>
    public static string NewReference() =>
        $"{First[RandomNumberGenerator.GetInt32(First.Length)]} {Second[RandomNumberGenerator.GetInt32(Second.Length)]} {RandomNumberGenerator.GetInt32(100, 1000)}";

    /// <summary>True where the caller is a program: it sends JSON, asks for it, or shows a bearer token.</summary>
    public static bool WantsJson(this HttpRequest request)
    {
        if (request.Headers.Authorization.Count > 0 || request.HasJsonContentType())
            return true;

        foreach (var accepted in request.GetTypedHeaders().Accept.OrderByDescending(a => a.Quality ?? 1))
        {
            if (accepted.MediaType == "application/json" || accepted.MediaType == "application/problem+json")
                return true;
            if (accepted.MediaType == "text/html")
                return false;
        }

        return false;
    }
}
