using Marketplace.Contracts;

namespace Marketplace.Worker.Assignments;

/// <summary>
/// Reports a task as broken: it cannot be answered as it is. Nobody confirms reports yet, so its time is paid like a returned task's, from the allowance.
/// </summary>
internal static class ReportBroken
{
    internal static Task<IResult> Handle(Guid assignmentId, HttpContext http, ReturnTask end) =>
        end.Handle(assignmentId, http, AssignmentEnd.Broken);
}
