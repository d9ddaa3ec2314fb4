using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Marketplace.Requester.Jobs;

/// <summary>Says a refusal where a page says errors: at the fields, and in the list on top.</summary>
internal static class ShowProblems
{
    internal static void AddProblem(this ModelStateDictionary state, ProblemDetails problem)
    {
        if (problem.Extensions.TryGetValue("errors", out var errors) && errors is IDictionary<string, string[]> { Count: > 0 } byField)
        {
            foreach (var (field, messages) in byField)
            {
                foreach (var message in messages)
                    state.AddModelError(field, message);
            }
        }
        else
        {
            state.AddModelError("", problem.Detail ?? problem.Title ?? "");
        }
    }
}
