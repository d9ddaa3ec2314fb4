using System.Net;
using System.Text.Json;

namespace Marketplace.Demo;

/// <summary>One worker's ten minutes: claim, read, think, answer, and so on with the task that comes with the answer's response.</summary>
internal sealed class Shift(Person person, Visitor visitor, IReadOnlyDictionary<Guid, DemoJob> jobs, Random random)
{
    private static readonly TimeSpan BetweenPulses = TimeSpan.FromSeconds(8);

    private readonly Dictionary<Guid, Dictionary<string, string[]>> _answers = jobs.ToDictionary(j => j.Key, j => j.Value.AnswersByValue());
    private readonly List<Guid> _open = [.. jobs.Keys];

    internal async Task Run(CancellationToken stop)
    {
        JsonElement? work = null;
        while (!stop.IsCancellationRequested && (work is not null || _open.Count > 0))
        {
            try
            {
                work = await Do(work ?? await Claim(), stop);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or InvalidOperationException)
            {
                // A service may be starting again. The claim stays open: asking again brings it back.
                Console.Error.WriteLine($"{person.Name}: {e.Message}");
                work = null;
                await Pause(3, stop);
            }
        }

        // The stop may have come while an answer brought the next task.
        await visitor.GiveBack();
    }

    private async Task<JsonElement?> Claim()
    {
        var jobId = _open[random.Next(_open.Count)];
        var reply = await visitor.Post($"/jobs/{jobId}/claims", new { });
        if (reply.Ok)
            return reply.Body;
        if (reply.Status == HttpStatusCode.Conflict && reply.Body.TryGetProperty("reason", out var reason) && reason.GetString() is "nothing-left" or "closed")
            _open.Remove(jobId);
        return null;
    }

    /// <summary>Works on an assignment to its end.</summary>
    /// <returns>The next one where the answer's response brought it.</returns>
    private async Task<JsonElement?> Do(JsonElement? claimed, CancellationToken stop)
    {
        if (claimed is not { } work)
        {
            await Pause(4, stop);
            return null;
        }

        var id = work.GetProperty("assignmentId").GetGuid();
        var jobId = work.GetProperty("jobId").GetGuid();
        var value = ValueOf(work, jobId);
        if (value.StartsWith("/media/", StringComparison.Ordinal))
            await visitor.Get(value);

        var answer = Answer(jobId, value, work.GetProperty("template"), out var letters);
        await Think(id, ReadingSeconds(work, value) + (letters * 0.22), stop);
        if (random.NextDouble() < person.Returns)
        {
            await visitor.Post($"/assignments/{id}/return", new { });
            await Pause(random.Next(3, 15), stop);
            return null;
        }

        return await Submit(id, answer, stop);
    }

    private async Task<JsonElement?> Submit(Guid id, object answer, CancellationToken stop)
    {
        while (true)
        {
            // Now and then somebody wants another kind of work.
            var leave = stop.IsCancellationRequested || random.NextDouble() < 0.06;
            var reply = await visitor.Post($"/assignments/{id}/answer", new { answer, stop = leave });
            if (reply.RetryAfter is { } wait && !reply.Ok)
            {
                await Task.Delay(wait, CancellationToken.None);
                continue;
            }

            var next = reply.Wanted().GetProperty("next");
            return next.ValueKind == JsonValueKind.Object ? next : null;
        }
    }

    /// <summary>Takes the time, at this person's pace, and lets the server see that somebody is there.</summary>
    private async Task Think(Guid id, double seconds, CancellationToken stop)
    {
        var left = TimeSpan.FromSeconds(seconds * person.Pace * (0.7 + (random.NextDouble() * 0.8)));
        while (left > BetweenPulses && !stop.IsCancellationRequested)
        {
            await Pause(BetweenPulses.TotalSeconds, stop);
            await visitor.Post($"/assignments/{id}/pulses", new { });
            left -= BetweenPulses;
        }

        await Pause(left.TotalSeconds, stop);
    }

    private object Answer(Guid jobId, string value, JsonElement template, out int letters)
    {
        var good = _answers.TryGetValue(jobId, out var answers) && answers.TryGetValue(value, out var known) ? known : [];
        if (template.GetProperty("kind").GetString() == "text")
        {
            var text = good.Length > 0 ? good[random.Next(good.Length)] : "I would say the same.";
            letters = text.Length;
            return new { text };
        }

        letters = 0;
        var labels = template.GetProperty("labels").EnumerateArray().Select(l => l.GetString()!).ToArray();
        var careful = good.Length > 0 && random.NextDouble() < person.Care;
        return new { label = careful ? good[0] : labels[random.Next(labels.Length)] };
    }

    private string ValueOf(JsonElement work, Guid jobId) =>
        jobs.TryGetValue(jobId, out var job) && work.GetProperty("input").TryGetProperty(job.Column, out var value) ? value.GetString()! : "";

    /// <summary>About four words a second, the instructions before the first task among them, and a moment to decide.</summary>
    private static double ReadingSeconds(JsonElement work, string value)
    {
        var instructions = work.GetProperty("instructions").GetString() ?? "";
        return 4.0 + ((Words(value) + Words(instructions)) / 4.0);
    }

    private static int Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    private static async Task Pause(double seconds, CancellationToken stop)
    {
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), stop);
        }
        catch (OperationCanceledException)
        {
            // The shift is over; what is open is still handed in.
        }
    }
}
