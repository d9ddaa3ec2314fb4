using Marketplace.Platform;
using Marketplace.Requester.Keys;

namespace Marketplace.Requester.Tasks;

internal static class TasksEndpoints
{
    internal static void MapTasks(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup("/api/jobs").RequireAuthorization(SignInByKey.Program).WithTags("tasks");

        jobs.MapPost("/{jobId:guid}/upload", UploadTasks.FromProgram);
        jobs.MapGet("/{jobId:guid}/tasks", ListTasks.Handle);

        routes.MapPost("/requester/jobs/{jobId:guid}/upload", UploadTasks.FromPage)
            .RequireAuthorization(SignIn.RequesterPolicy)
            .WithMetadata(new ChecksAntiforgeryItself());
        routes.MapGet("/media/{hash}", ShowMedia.Handle).RequireAuthorization(SignInAsAnybody.Anybody);
    }
}
