using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Marketplace.Platform;
using Marketplace.ServiceTests;

namespace Marketplace.JourneyTests;

/// <summary>What an operator sees of one assignment: a submit, its way to payment and back, as one trace.</summary>
public sealed class OneTrace
{
    private readonly ConcurrentBag<Activity> _ended = [];

    [Fact]
    public async Task A_submit_its_settlement_and_the_news_of_it_are_one_trace()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Marketplace" or "MassTransit" or "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            SampleUsingParentId = (ref ActivityCreationOptions<string> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        await using var services = await AllServices.Start(TimeProvider.System, RunningMarketplace.AtOnce);
        var job = await Post(services);
        using var worker = services.Program(SignIn.Worker, Guid.NewGuid());

        JsonElement task = default;
        await Wait.Eventually(async () =>
        {
            using var claimed = await worker.PostAsJsonAsync($"/jobs/{job}/claims", new { });
            task = await claimed.Content.ReadFromJsonAsync<JsonElement>();
            return claimed.IsSuccessStatusCode;
        });
        var trace = ActivityTraceId.CreateRandom();
        await Wait.Eventually(async () =>
        {
            using var submit = new HttpRequestMessage(HttpMethod.Post, $"/assignments/{task.GetProperty("assignmentId").GetGuid()}/answer")
            {
                Content = JsonContent.Create(new { answer = new { label = "yes" }, stop = true }),
                Headers = { { "traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01" } },
            };
            return (await worker.SendAsync(submit)).IsSuccessStatusCode;
        });

        // From the worker service to payment and to the requester, and from payment back.
        foreach (var leg in new[] { "relay TaskCompleted", "relay AnswerSubmitted", "relay WorkerPaid" })
            await Wait.Eventually(() => _ended.Any(a => a.DisplayName == leg && a.TraceId == trace), leg);
    }

    private static async Task<Guid> Post(AllServices services)
    {
        using var program = services.Program(SignIn.Requester, Guid.NewGuid());
        var draft = new { title = "Is it so?", question = "Is it so?", kind = "choice", labels = new[] { "yes", "no" }, textColumn = "text", rewardMicros = 40_000, estimateMs = 2_000, wanted = 1 };
        return await Posting.Post(program, draft, ["One sentence"], 20_000_000);
    }
}
