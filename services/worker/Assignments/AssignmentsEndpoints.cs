using Marketplace.Contracts;
using Marketplace.Platform;

namespace Marketplace.Worker.Assignments;

internal static class AssignmentsEndpoints
{
    internal static void MapAssignments(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/jobs/{jobId:guid}/claims", (Guid jobId, HttpContext http, ClaimTask claim) => claim.Handle(jobId, http))
            .RequireAuthorization(SignIn.WorkerPolicy);

        var assignment = routes.MapGroup("/assignments/{assignmentId:guid}").RequireAuthorization(SignIn.WorkerPolicy);
        assignment.MapGet("/", (Guid assignmentId, HttpContext http, WorkResponses show) => show.Show(http, assignmentId));
        assignment.MapPost("/pulses", (Guid assignmentId, HttpContext http, RecordPulse pulse) => pulse.Handle(assignmentId, http));
        assignment.MapPost("/answer", (Guid assignmentId, HttpContext http, SubmitAnswer submit) => submit.Handle(assignmentId, http));
        assignment.MapPost("/return", (Guid assignmentId, HttpContext http, ReturnTask end) => end.Handle(assignmentId, http, AssignmentEnd.Returned));
        assignment.MapPost("/broken", ReportBroken.Handle);

        // A page that shows what was refused stands at the verb's address: loading it again leads back to the task.
        assignment.MapGet("/{verb:regex(^(answer|return|broken)$)}", (Guid assignmentId) => new See($"/assignments/{assignmentId}"));
    }

    internal static void AddAssignments(this IServiceCollection services)
    {
        services.AddSingleton<TakeTask>();
        services.AddSingleton<EndAssignment>();
        services.AddSingleton<WorkQueries>();
        services.AddSingleton<WorkResponses>();
        services.AddSingleton<ClaimTask>();
        services.AddSingleton<SubmitAnswer>();
        services.AddSingleton<ReturnTask>();
        services.AddSingleton<RecordPulse>();
        services.AddSingleton<ExpireAssignments>();
        services.AddHostedService(services => services.GetRequiredService<ExpireAssignments>());
        services.AddHostedService<ResendUnpaid>();
        services.AddHostedService<TellOldAnswers>();
        CountUnpaidEnds.AddNumbers(services);
    }
}
