using FluentValidation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Platform;

/// <summary>Runs a request's validator before its handler.</summary>
public static class Validation
{
    /// <summary>Refuses the request with 400 and messages by field where its <typeparamref name="T"/> does not pass its validator.</summary>
    public static RouteHandlerBuilder Validate<T>(this RouteHandlerBuilder route)
        where T : class =>
        route.AddEndpointFilter(async (context, next) =>
        {
            if (context.Arguments.OfType<T>().FirstOrDefault() is not { } request)
                return Problems.Refuse(400, "Nothing was sent", "Send the request's fields as JSON.");

            var validator = context.HttpContext.RequestServices.GetRequiredService<IValidator<T>>();
            var result = await validator.ValidateAsync(request, context.HttpContext.RequestAborted);
            return result.IsValid
                ? await next(context)
                : Refused(result.Errors.Select(e => (FieldName(e.PropertyName), e.ErrorMessage)).ToArray());
        });

    private static Microsoft.AspNetCore.Http.HttpResults.ProblemHttpResult Refused((string Field, string Message)[] errors) =>
        Problems.Refuse(400, "Some fields need another value", string.Join(" ", errors.Select(e => e.Message)), errors);

    private static string FieldName(string property) =>
        property.Length == 0 ? property : char.ToLowerInvariant(property[0]) + property[1..];
}
