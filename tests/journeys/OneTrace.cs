using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
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
        await using var services = await AllServices.Start(TimeProvider.System);
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
        (await program.PostOnce("/ledger/deposits", new { amountMicros = 20_000_000 })).EnsureSuccessStatusCode();
        await Wait.Eventually(async () =>
            (await program.GetFromJsonAsync<JsonElement>("/api/deposit")).GetProperty("availableMicros").GetInt64() == 20_000_000);
        var draft = new { title = "Is it so?", question = "Is it so?", kind = "choice", labels = new[] { "yes", "no" }, textColumn = "text", rewardMicros = 40_000, estimateMs = 2_000, wanted = 1, budgetMicros = 5_000_000 };
        var job = (await (await program.PostAsJsonAsync("/api/jobs", draft)).Content.ReadFromJsonAsync<JsonElement>()).GetProperty("jobId").GetGuid();
        using var file = new StringContent("text\nOne sentence\n", new MediaTypeHeaderValue("text/csv"));
        (await program.PostAsync($"/api/jobs/{job}/upload?name=one.csv", file)).EnsureSuccessStatusCode();
        (await program.PostOnce($"/api/jobs/{job}/post", new { })).EnsureSuccessStatusCode();
        return job;
    }
}
