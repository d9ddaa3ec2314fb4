using System.Globalization;
using Marketplace.ServiceTests;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.JourneyTests;

/// <summary>
/// How long it takes from the Enter that submits an answer until the next task is painted, measured inside the page. The figures are printed and
/// never asserted: they belong to the machine. <c>MARKETPLACE_PAINT_SUBMITS=200</c> measures longer than the few that show it works.
/// </summary>
public sealed class SubmitToPaint(RunningMarketplace marketplace) : IClassFixture<RunningMarketplace>
{
    private const string Title = "Which kind of sentence is it?";

    private static readonly int Submits =
        int.Parse(System.Environment.GetEnvironmentVariable("MARKETPLACE_PAINT_SUBMITS") ?? "20", CultureInfo.InvariantCulture);

    [Fact]
    public async Task The_next_task_is_painted_after_each_submit_by_keyboard()
    {
        using var program = marketplace.Requester();
        var draft = new { title = Title, question = "Is it a question?", kind = "choice", labels = new[] { "yes", "no" }, textColumn = "text", rewardMicros = 10_000, estimateMs = 1_000, wanted = 1 };
        await Posting.Post(program, draft, Enumerable.Range(1, Submits + 1).Select(n => $"Sentence {n} of a plain text."), 1_000_000_000);
        await using var worker = await marketplace.Somebody();
        await worker.SignUp("", "What should we call you?", "Robin", "Join");
        await worker.SeesSoon("/", Title);
        await worker.Press("Start: " + Title);

        var times = await Measure(worker.Page, Submits);

        Assert.Equal(Submits, times.Length);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"submit to next task painted, {times.Length} submits: median {At(times, 0.5):0} ms, 95th percentile {At(times, 0.95):0} ms, longest {times.Max():0} ms"));
    }

    /// <summary>Answers so many tasks of a choice job by keyboard, each as soon as it is taken.</summary>
    /// <param name="page">At the first task.</param>
    /// <param name="submits">One less than there are tasks, at most.</param>
    /// <returns>Milliseconds from each Enter until the next task was painted.</returns>
    internal static async Task<double[]> Measure(IPage page, int submits)
    {
        await page.EvaluateAsync(Watch);
        var button = page.Locator(".paybar [data-submit]");
        for (var done = 0; done < submits; done++)
        {
            await Expect(button).ToHaveTextAsync("Submit Enter");
            await page.Keyboard.PressAsync("1");
            await page.Keyboard.PressAsync("Enter");
            await Wait.Eventually(async () => await page.EvaluateAsync<int>("() => window.paints.length") > done, "the next task is painted");
        }

        return await page.EvaluateAsync<double[]>("() => window.paints");
    }

    private static double At(double[] times, double share) => times.Order().ElementAt((int)Math.Ceiling(times.Length * share) - 1);

    // From the key's own time stamp to the first turn after the frame that shows another task.
    private const string Watch = """
        () => {
          let pressed, task = document.querySelector('#task').action
          window.paints = []
          document.addEventListener('keydown', e => { if (e.key === 'Enter') pressed = e.timeStamp }, true)
          new MutationObserver(() => {
            const now = document.querySelector('#task')?.action
            if (!now || now === task) return
            task = now
            const from = pressed
            requestAnimationFrame(() => {
              const afterwards = new MessageChannel()
              afterwards.port1.onmessage = () => window.paints.push(performance.now() - from)
              afterwards.port2.postMessage(0)
            })
          }).observe(document.body, { childList: true, subtree: true })
        }
        """;
}
