using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Marketplace.ServiceTests;

namespace Marketplace.JourneyTests;

/// <summary>A requester's program, for tests that begin where a job is there.</summary>
internal static class Posting
{
    /// <summary>Pays in, and posts a job of these texts.</summary>
    /// <param name="program">Signed in as a requester.</param>
    /// <param name="draft">The job, with <c>text</c> as its text column.</param>
    /// <param name="texts">A task each; without commas or quotes.</param>
    /// <param name="depositMicros">What is paid in.</param>
    internal static async Task<Guid> Post(HttpClient program, object draft, IEnumerable<string> texts, long depositMicros)
    {
        (await program.PostOnce("/ledger/deposits", new { amountMicros = depositMicros })).EnsureSuccessStatusCode();
        await Wait.Eventually(async () =>
            (await program.GetFromJsonAsync<JsonElement>("/api/deposit")).GetProperty("availableMicros").GetInt64() == depositMicros);
        var job = (await (await program.PostAsJsonAsync("/api/jobs", draft)).Content.ReadFromJsonAsync<JsonElement>()).GetProperty("jobId").GetGuid();
        using var file = new StringContent("text\n" + string.Join('\n', texts) + "\n", new MediaTypeHeaderValue("text/csv"));
        (await program.PostAsync($"/api/jobs/{job}/upload?name=texts.csv", file)).EnsureSuccessStatusCode();
        (await program.PostOnce($"/api/jobs/{job}/post", new { })).EnsureSuccessStatusCode();
        return job;
    }
}
