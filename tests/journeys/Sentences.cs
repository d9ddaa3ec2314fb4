using System.Text;
using Marketplace.ServiceTests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.JourneyTests;

/// <summary>A job of three sentences, posted and labeled by hand: where several journeys start from.</summary>
internal static class Sentences
{
    internal static readonly string[] Tasks = ["A quiet film that stays with you.", "Two hours I will not get back.", "The music alone is worth the ticket."];

    /// <summary>A requester opens an account, pays in and posts. Returns the address of the job.</summary>
    internal static async Task<string> Posts(Person requester)
    {
        await requester.SignUp("/requester", "Public name", "Film archive", "Open the account");
        await requester.IsAt("/requester/jobs$");
        await requester.Open("/ledger/deposits");
        await requester.Type("Pay in", "50");
        await requester.Press("Add play money");
        await requester.Sees("50.00 EUR arrived");
        await requester.SeesSoon("/requester/jobs", "50.00 EUR on deposit");

        await requester.Open("/requester/jobs/new");
        await requester.Type("Title", "Is the sentence positive or negative?");
        await requester.Type("What to do, in one or two sentences", "Choose what the writer feels.");
        await requester.Type("Question over each task", "How does the writer feel?");
        await requester.Type("Choices", "positive\nnegative");
        await requester.Type("Reward", "0.05");
        await requester.Type("Estimate", "2");
        await requester.Type("Answers per task", "2");
        await requester.Page.Locator("#file").SetInputFilesAsync(new FilePayload
        {
            Name = "sentences.csv",
            MimeType = "text/csv",
            Buffer = Encoding.UTF8.GetBytes("id,sentence\n" + string.Join('\n', Tasks.Select((task, i) => $"{i + 1},\"{task}\"")) + "\n"),
        });
        await requester.Press("Read the file");
        await requester.Sees("3 rows");
        await requester.Page.GetByLabel("Column with the text to look at").SelectOptionAsync("sentence");
        await requester.Type("Budget for this job", "20");
        await requester.Page.Locator("button:has(#o-post)").ClickAsync();
        await requester.IsAt("/requester/jobs/[0-9a-f-]{36}$");
        return new Uri(requester.Page.Url).AbsolutePath;
    }

    /// <summary>Joins, starts the job, and answers every task by keyboard, each after some more time.</summary>
    internal static async Task Labels(Person worker, RunningMarketplace marketplace, TimeSpan more)
    {
        await worker.SignUp("", "What should we call you?", "Robin", "Join");
        await worker.SeesSoon("/", "Is the sentence positive or negative?");
        await worker.Press("Start: Is the sentence positive or negative?");
        for (var task = 0; task < Tasks.Length; task++)
        {
            var form = worker.Page.Locator("form#task");
            var at = await form.GetAttributeAsync("action");
            await Expect(worker.Page.Locator("#read summary")).ToHaveTextAsync(task == 0 ? "Read this first" : "Instructions");
            await Expect(worker.Page.Locator("#read p").First).ToHaveTextAsync("Choose what the writer feels.");
            await marketplace.LetPass(more + TimeSpan.FromSeconds(1));
            // A key may fall into the moment in which the next task is being put on the page.
            await Wait.Eventually(async () =>
            {
                await worker.Page.Keyboard.PressAsync("1");
                return await worker.Page.GetByLabel("positive").IsCheckedAsync();
            });
            await Expect(worker.Page.Locator(".paybar [data-submit]")).Not.ToHaveAttributeAsync("aria-disabled", "true");
            await worker.Page.Keyboard.PressAsync("Enter");
            await Expect(worker.Page.Locator($"form#task[action='{at}']")).ToHaveCountAsync(0);
        }
        await Expect(worker.Page.Locator("form#task")).ToHaveCountAsync(0);
        await worker.Sees("Nothing is left for you in this job");
        await Expect(worker.Page.GetByRole(AriaRole.Button, new() { Name = "Next task of this job" })).ToHaveCountAsync(0);
    }
}
