using Marketplace.Platform;
using Marketplace.Requester.Keys;

namespace Marketplace.Requester.Results;

internal static class ResultsEndpoints
{
    internal static void MapResults(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup("/api/jobs/{jobId:guid}").RequireAuthorization(SignInByKey.Program).WithTags("answers");
        jobs.MapGet("/answers", ListAnswers.Handle);
        jobs.MapPut("/answers/{answerId:guid}/exclusion", ExcludeAnswer.Handle);
        jobs.MapDelete("/answers/{answerId:guid}/exclusion", ExcludeAnswer.Undo);
        jobs.MapGet("/download.csv", DownloadAnswers.Csv);
        jobs.MapGet("/download.jsonl", DownloadAnswers.Jsonl);

        var pages = routes.MapGroup("/requester/jobs/{jobId:guid}").RequireAuthorization(SignIn.RequesterPolicy);
        pages.MapGet("/download.csv", DownloadAnswers.Csv);
        pages.MapGet("/download.jsonl", DownloadAnswers.Jsonl);
    }
}
