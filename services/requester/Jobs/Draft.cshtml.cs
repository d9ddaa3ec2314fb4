using System.Globalization;
using Marketplace.PayRule;
using Marketplace.Platform;
using Marketplace.Requester.Deposits;
using Marketplace.Requester.Tasks;
using Marketplace.Ui;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.AspNetCore.Mvc.ViewFeatures;
using Npgsql;

namespace Marketplace.Requester.Jobs;

/// <summary>The page on which a job is written, priced, looked at and posted. A new draft begins with its first save.</summary>
internal sealed class DraftPage(
    NpgsqlDataSource database, TimeProvider clock, Installation installation, Show show, OutboxSignal outbox) : PageModel
{
    private Job? _job;

    public Guid JobId { get; private set; }
    public bool Exists => _job is not null;
    public Draft Draft { get; private set; } = new();
    public FairPrice? Price { get; private set; }
    public PayPolicy? Policy { get; private set; }
    public long AvailableMicros { get; private set; }
    public FindTaskProblems.Found Problems { get; private set; } = new([], 0, 0, []);
    public ShowDraftFiles.Upload? Table { get; private set; }
    public ShowDraftFiles.Upload? Images { get; private set; }
    public ShowDraftFiles.Upload? Refusal { get; private set; }
    public IReadOnlyList<ShowDraftFiles.Row> Rows { get; private set; } = [];
    public ShowDraftFiles.Shown? Preview { get; private set; }
    public int PreviewNumber { get; private set; } = 1;
    public bool Phone { get; private set; } = true;

    /// <summary>A key of its own for each page that was shown, so that pressing twice posts once.</summary>
    public string PostKey { get; } = Guid.NewGuid().ToString();

    /// <summary>How many tasks would be posted.</summary>
    public int Tasks => (_job?.Tasks ?? 0) - Problems.LeftOut;

    public int? PreviewNext => PreviewNumber < (_job?.Tasks ?? 0) ? PreviewNumber + 1 : null;

    public string[] Labels => Typed("labels").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public async Task<IActionResult> OnGet(Guid? jobId, int? task, string? width, CancellationToken cancel)
    {
        JobId = jobId ?? Guid.CreateVersion7();
        PreviewNumber = Math.Max(1, task ?? 1);
        Phone = width != "desktop";
        if (!await Load(cancel) && jobId is not null)
            return NotFound();
        return _job is { IsDraft: false } ? LocalRedirect($"/requester/jobs/{JobId}") : Page();
    }

    public async Task<IActionResult> OnPostPrice(Guid jobId, CancellationToken cancel) =>
        await Save(jobId, cancel) ?? Page();

    public async Task<IActionResult> OnPostSave(Guid jobId, CancellationToken cancel) =>
        await Save(jobId, cancel) ?? (ModelState.IsValid ? LocalRedirect("/requester/jobs") : Page());

    public async Task<IActionResult> OnPostPost(Guid jobId, CancellationToken cancel)
    {
        if (await Save(jobId, cancel) is { } elsewhere)
            return elsewhere;
        if (!ModelState.IsValid)
            return Page();

        var posted = await PostJob.Handle(jobId, new(), Request, User, database, clock, installation, outbox, cancel);
        if (posted.Result is not ProblemHttpResult { ProblemDetails: var problem })
            return LocalRedirect($"/requester/jobs/{jobId}");
        ModelState.AddProblem(problem);
        return Page();
    }

    public async Task<IActionResult> OnPostDelete(Guid jobId, CancellationToken cancel)
    {
        var deleted = await DeleteDraft.Handle(jobId, User, database, cancel);
        return deleted.Result is ProblemHttpResult { StatusCode: 404 } ? NotFound() : LocalRedirect("/requester/jobs");
    }

    /// <summary>A field as it was typed, or as it was kept.</summary>
    public string Typed(string name)
    {
        if (Request.HasFormContentType && Request.Form.TryGetValue(name, out var typed))
            return typed.ToString();

        var culture = CultureInfo.CurrentCulture;
        return name switch
        {
            "title" => Draft.Title,
            "instructions" => Draft.Instructions,
            "question" => Draft.Question,
            "kind" => Draft.Kind,
            "labels" => string.Join('\n', Draft.Labels),
            "textColumn" => Draft.TextColumn ?? "",
            "imageColumn" => Draft.ImageColumn ?? "",
            "reward" => Draft.RewardMicros is { } reward ? MoneyText.Typed(reward, culture) : "",
            "estimate" => Seconds(Draft.EstimateMs),
            "timeLimit" => Seconds(Draft.TimeLimitMs),
            "wanted" => Draft.Wanted.ToString(CultureInfo.InvariantCulture),
            "budget" => Draft.BudgetMicros is { } budget ? MoneyText.Typed(budget, culture) : "",
            "leaveOut" => Draft.LeaveOut ? "true" : "false",
            _ => "",
        };
    }

    public string PriceSentence => Price is null ? "" : $"{show.PriceText(Price.RewardMicros)} for {show.SpanText(Price.EstimateMs)}";

    public string LimitHint => Policy is null
        ? "It bounds pay, not work."
        : (Price is null ? "" : $"{Price.TimeLimitLeastMs / 1000} to {Price.TimeLimitMostMs / 1000} s: ")
            + $"from {Policy.LimitFactor} times the estimate, at least {Policy.LimitLeast.Ms / 1000} s, to twice that. It bounds pay, not work.";

    public string BudgetProposal => Price is null ? "" : MoneyText.Typed(Price.SuggestedBudgetMicros, CultureInfo.CurrentCulture);

    public string PostText => Price is null || Tasks == 0
        ? "Post the job"
        : $"Post {show.Number(Tasks)} tasks and set aside {show.BalanceText(Draft.BudgetMicros ?? Price.SuggestedBudgetMicros)}";

    public IHtmlContent CurveLabels(FairPrice price) => new HtmlContentBuilder()
        .AppendHtml("<i></i><span class=\"under at\">estimate</span><span class=\"under to\">limit</span><span class=\"over to\" style=\"--y:90.9%\">pays at most ")
        .Append(show.PriceText(price.PaysAtMostMicros)).AppendHtml("</span>");

    internal static string? ErrorOf(ViewDataDictionary view, string name) =>
        view.ModelState.TryGetValue(name, out var entry) && entry.Errors.Count > 0 ? entry.Errors[0].ErrorMessage : null;

    private static string Seconds(long? ms) => ms is { } given ? (given / 1000m).ToString("0.###", CultureInfo.CurrentCulture) : "";

    /// <summary>Keeps what was typed, as far as it can be read; where it goes instead of the page, or null.</summary>
    private async Task<IActionResult?> Save(Guid jobId, CancellationToken cancel)
    {
        if (jobId == Guid.Empty)
            return NotFound();
        JobId = jobId;
        var form = DraftForm.Read(name => Request.Form[name]);
        foreach (var problem in form.Problems)
            ModelState.AddModelError(problem.Field, problem.Message);
        foreach (var wrong in (await new SaveDraft.Validator().ValidateAsync(form.Draft, cancel)).Errors)
            ModelState.AddModelError(char.ToLowerInvariant(wrong.PropertyName[0]) + wrong.PropertyName[1..], wrong.ErrorMessage);

        if (ModelState.IsValid && await SaveDraft.Save(jobId, form.Draft, User, database, clock, cancel) is { } refused)
            return refused.StatusCode == 404 ? NotFound() : LocalRedirect($"/requester/jobs/{jobId}");
        await Load(cancel);
        if (_job is { IsDraft: false })
            return LocalRedirect($"/requester/jobs/{jobId}");

        Draft = form.Draft;
        PriceIt();
        return null;
    }

    private async Task<bool> Load(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        AvailableMicros = (await TakeFromDeposit.Available(User.Id(), connection, null, cancel)).Micros;
        Policy = await PolicyQueries.InForce(clock.Now(), connection, null, cancel);
        _job = await JobQueries.Find(JobId, User.Id(), connection, cancel);
        if (_job is null)
            return false;

        Draft = _job;
        Problems = await FindTaskProblems.Run(_job, connection, null, cancel);
        (Table, Images, Refusal) = await ShowDraftFiles.Uploads(JobId, connection, cancel);
        Rows = await ShowDraftFiles.Sample(_job, Problems, connection, cancel);
        Preview = await ShowDraftFiles.Task(_job, PreviewNumber, connection, cancel);
        PriceIt();
        return true;
    }

    private void PriceIt() => Price = Policy is null ? null : FairPrice.Of(Draft, Tasks, Policy, installation.Currency);
}
