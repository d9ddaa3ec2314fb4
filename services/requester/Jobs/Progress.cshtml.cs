using System.Globalization;
using Marketplace.Contracts;
using Marketplace.PayRule;
using Marketplace.Platform;
using Marketplace.Requester.Deposits;
using Marketplace.Requester.Results;
using Marketplace.Ui;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>How a posted job goes: answers, money of the whole job, agreement, and what can be done about it.</summary>
internal sealed class ProgressPage(
    NpgsqlDataSource database, PublicationSteps steps, TimeProvider clock, Installation installation, Show show, OutboxSignal outbox) : PageModel
{
    internal const int TasksOnPage = 25;
    private const int LongestValue = 60;

    public JobView Job { get; private set; } = null!;
    public PayPolicy? Policy { get; private set; }
    public long AvailableMicros { get; private set; }
    public Agreement Agreement { get; private set; } = new();
    public ListAnswers.Response Answers { get; private set; } = new([], null, 0, null);
    public int After { get; private set; }
    public int? Review { get; private set; }
    public bool OnlyTied { get; private set; }
    public string Typed { get; private set; } = "";

    /// <summary>A key of its own for each page that was shown, so that pressing twice adds once.</summary>
    public string Key { get; } = Guid.NewGuid().ToString();

    public int Before => Math.Max(0, After - TasksOnPage);
    public long Done => Math.Min(Job.Answers, Job.AnswersWanted);

    /// <summary>Claims the money allows now, of those that are still wanted; as of the last count of ends without an answer.</summary>
    public long OpenNow => Job.State is not (JobState.Posted or JobState.Running) ? 0 : Math.Clamp(
        (Job.Funded ?? 0) - Job.Answers - ((Job.Measured?.Returned + Job.Measured?.Expired + Job.Measured?.Broken) ?? 0), 0, Job.AnswersWanted - Done);

    public long Rest => Job.AnswersWanted - Done - OpenNow;

    public long LeftMicros => (Job.BudgetMicros ?? 0) - (Job.Measured?.SpentMicros ?? 0);

    /// <summary>What the answers to come will cost if they are like those so far.</summary>
    public long? ToComeMicros => Job.Measured is { Submitted: > 0 } measured
        ? (long)((Int128)measured.SpentMicros * (Job.AnswersWanted - Done) / measured.Submitted)
        : null;

    public string Status => Job.State switch
    {
        JobState.Posted => "The terms are being checked.",
        JobState.Refused => "Refused.",
        JobState.Finished => "Finished.",
        JobState.Closed => Job.ClosedBy == CloseJob.ByJobLife ? "Closed at the end of its life." : "Closed; what is in work still comes in.",
        _ when Job.LastAnswerAt is { } last => $"Live. Last answer in the hour from {show.MomentText(last)}.",
        _ => "Live. No answer yet.",
    };

    public bool IsAtOnce => steps.IsAtOnce;

    /// <summary>When more comes and why not before; empty where everything is shown.</summary>
    public string NextSentence => Job.NextAnswersAt is not { } next
        ? ""
        : $"The next answers are shown at {show.MomentText(next)}, all that came since the last time together"
            + $", at most {show.Number(Job.HeldBack)}: so nobody’s working time can be read from when an answer appears.";

    public string PageSentence => Answers.Tasks.Count == 0
        ? ""
        : $"Tasks {show.Number(Answers.Tasks[0].Task)} to {show.Number(Answers.Tasks[^1].Task)} of {show.Number(Job.Tasks)}";

    public async Task<IActionResult> OnGet(Guid jobId, int? after, int? review, bool? tied, CancellationToken cancel)
    {
        (After, Review, OnlyTied) = (Math.Max(0, after ?? 0), review, tied == true);
        if (!await Load(jobId, whole: true, cancel))
            return NotFound();
        return Job.State == JobState.Draft ? LocalRedirect($"/requester/jobs/{jobId}/draft") : Page();
    }

    public Task<IActionResult> OnGetLive(Guid jobId, CancellationToken cancel) => Part(jobId, "/Jobs/_Live.cshtml", cancel);

    public Task<IActionResult> OnGetHourly(Guid jobId, CancellationToken cancel) => Part(jobId, "/Jobs/_Hourly.cshtml", cancel);

    public async Task<IActionResult> OnPostBudget(Guid jobId, string? add, CancellationToken cancel)
    {
        Typed = add ?? "";
        if (!MoneyText.TryParse(add, CultureInfo.CurrentCulture, out var micros) || micros <= 0)
        {
            ModelState.AddModelError("add", "Write an amount, such as 20.00.");
        }
        else
        {
            var raised = await RaiseBudget.Handle(jobId, new(micros), Request, User, database, installation, outbox, cancel);
            if (raised.Result is not ProblemHttpResult { ProblemDetails: var problem })
                return LocalRedirect($"/requester/jobs/{jobId}");
            ModelState.AddProblem(problem);
        }

        return await Load(jobId, whole: true, cancel) ? Page() : NotFound();
    }

    public async Task<IActionResult> OnPostClose(Guid jobId, CancellationToken cancel)
    {
        var closed = await CloseJob.Handle(jobId, User, database, clock, outbox, cancel);
        return closed.Result is ProblemHttpResult { StatusCode: 404 } ? NotFound() : LocalRedirect($"/requester/jobs/{jobId}");
    }

    public async Task<IActionResult> OnPostExclude(Guid jobId, Guid answerId, int? after, int? review, bool? tied, CancellationToken cancel)
    {
        var excluded = await ExcludeAnswer.Handle(jobId, answerId, User, database, steps, clock, cancel);
        return excluded.Result is ProblemHttpResult ? NotFound() : Back(jobId, after, review, tied);
    }

    public async Task<IActionResult> OnPostPutBack(Guid jobId, Guid answerId, int? after, int? review, bool? tied, CancellationToken cancel)
    {
        var back = await ExcludeAnswer.Undo(jobId, answerId, User, database, steps, cancel);
        return back.Result is ProblemHttpResult ? NotFound() : Back(jobId, after, review, tied);
    }

    /// <summary>What a task is called in the table: its text, or the picture's name.</summary>
    public string NameOf(ListAnswers.TaskAnswers task)
    {
        var column = Job.TextColumn ?? Job.ImageColumn;
        var name = column is not null && task.Input.TryGetProperty(column, out var value) ? value.GetString() : null;
        return string.IsNullOrWhiteSpace(name) ? $"Task {show.Number(task.Task)}" : Shortened(name);
    }

    internal static string Shortened(string value) => value.Length <= LongestValue ? value : value[..LongestValue] + "…";

    /// <summary>A part that changes in place.</summary>
    private async Task<IActionResult> Part(Guid jobId, string view, CancellationToken cancel) =>
        await Load(jobId, whole: false, cancel) && Job.State != JobState.Draft ? Partial(view, this) : NotFound();

    private LocalRedirectResult Back(Guid jobId, int? after, int? review, bool? tied) =>
        LocalRedirect($"/requester/jobs/{jobId}?{(tied == true ? "tied=true&" : "")}after={after ?? 0}&review={review}#t{review}");

    private async Task<bool> Load(Guid jobId, bool whole, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        if (await JobViewQueries.Find(jobId, User.Id(), steps, connection, cancel) is not { } job)
            return false;

        Job = job;
        Policy = job.PolicyVersion is { } version ? await PolicyQueries.OfVersion(version, connection, cancel) : null;
        if (!whole || job.State == JobState.Draft)
            return true;

        AvailableMicros = (await TakeFromDeposit.Available(User.Id(), connection, null, cancel)).Micros;
        if (job.Kind == JobTemplate.Choice)
            Agreement = await ReadAgreement.Run(job, connection, cancel);
        Answers = await ListAnswers.Read(job, After, TasksOnPage, OnlyTied, connection, cancel);
        return true;
    }
}
