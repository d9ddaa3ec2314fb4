using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.ViewFeatures;

namespace Marketplace.Worker.Assignments;

/// <summary>A page or, where its name starts with an underscore, a fragment as the result of an endpoint that also speaks JSON.</summary>
internal sealed class View<T>(string path, T model, int status) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var data = new ViewDataDictionary<T>(new EmptyModelMetadataProvider(), new ModelStateDictionary()) { Model = model };
        var action = new ActionContext(httpContext, httpContext.GetRouteData(), new ActionDescriptor());
        return path.Contains("/_", StringComparison.Ordinal)
            ? new PartialViewResult { ViewName = path, ViewData = data, StatusCode = status }.ExecuteResultAsync(action)
            : new ViewResult { ViewName = path, ViewData = data, StatusCode = status }.ExecuteResultAsync(action);
    }
}

/// <summary>303: what a form did is to be seen there.</summary>
internal sealed class See(string address) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
        httpContext.Response.Headers.Location = address;
        return Task.CompletedTask;
    }
}
