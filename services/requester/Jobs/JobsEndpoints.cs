using Marketplace.Platform;
using Marketplace.Requester.Keys;

namespace Marketplace.Requester.Jobs;

internal static class JobsEndpoints
{
    internal static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup("/api/jobs").RequireAuthorization(SignInByKey.Program).WithTags("jobs");

        jobs.MapGet("/", ListJobs.Handle);
        jobs.MapPost("/", SaveDraft.Create).Validate<Draft>();
        jobs.MapGet("/{jobId:guid}", GetJob.Handle);
        jobs.MapPut("/{jobId:guid}", SaveDraft.Put).Validate<Draft>();
        jobs.MapDelete("/{jobId:guid}", DeleteDraft.Handle);
        jobs.MapGet("/{jobId:guid}/price", GetPrice.Handle);
        jobs.MapPost("/{jobId:guid}/post", PostJob.Handle).Validate<PostJob.Request>();
        jobs.MapPost("/{jobId:guid}/budget", RaiseBudget.Handle).Validate<RaiseBudget.Request>();
        jobs.MapPost("/{jobId:guid}/close", CloseJob.Handle);
        jobs.MapGet("/{jobId:guid}/events", WatchJob.Handle);

        routes.MapGet("/requester/jobs/{jobId:guid}/events", WatchJob.Handle).RequireAuthorization(SignIn.RequesterPolicy);
    }
}
