using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Dapper;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Bench;

/// <summary>A requester with money, who posts jobs through the gateway as any program may.</summary>
internal sealed class Market : IDisposable
{
    internal static readonly string[] Labels = ["pleased", "displeased", "neither"];

    private readonly Installation _installation;
    private readonly HttpClient _http;

    private Market(Installation installation, HttpClient http) => (_installation, _http) = (installation, http);

    public void Dispose() => _http.Dispose();

    internal static async Task<Market> Enter(Installation installation)
    {
        var http = new HttpClient { BaseAddress = installation.Gateway, Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        var account = new { name = "Bench Requester", email = $"bench-{Guid.NewGuid():n}@bench.example", password = "correct horse battery 91" };
        var entered = await Read(await http.PostAsJsonAsync("/requester/sign-up", account));
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", entered.GetProperty("token").GetString());
        var market = new Market(installation, http);
        await market.PayIn();
        return market;
    }

    /// <summary>Rows of a CSV, each about 90 bytes: a number and what a customer wrote.</summary>
    internal static void WriteCsv(Stream file, int tasks)
    {
        using var writer = new StreamWriter(file, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine("number,note");
        for (var n = 1; n <= tasks; n++)
            writer.WriteLine($"{n},The parcel came on day {n % 29}; one of {n % 977} pieces was loose but it was mended quickly");
    }

    /// <summary>Posts a job with so many tasks and waits until all its slots that it has money for can be claimed.</summary>
    internal Task<Guid> Post(int tasks, int wanted) => PostWithBudget(tasks, wanted, (long)tasks * wanted);

    /// <summary>The same with money for another number of answers.</summary>
    internal async Task<Guid> PostWithBudget(int tasks, int wanted, long answers)
    {
        var job = await Draft(wanted);
        using var file = new MemoryStream();
        WriteCsv(file, tasks);
        file.Position = 0;
        await Upload(job, file);
        await Start(job, answers);
        await Claimable(job, Math.Min(answers, (long)tasks * wanted), null);
        return job;
    }

    internal async Task<Guid> Draft(int wanted)
    {
        var draft = new
        {
            title = "How does the customer feel?",
            instructions = "Read the note and choose how its writer feels about the shop. When you are torn between two, take the one the shop should hear first.",
            kind = "choice",
            question = "How does the writer feel about the shop?",
            labels = Labels,
            textColumn = "note",
            rewardMicros = 40_000,
            estimateMs = 1_000,
            wanted,
        };
        return (await Read(await _http.PostAsJsonAsync("/api/jobs", draft))).GetProperty("jobId").GetGuid();
    }

    internal async Task Upload(Guid job, Stream csv)
    {
        using var body = new StreamContent(csv);
        body.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        await Read(await _http.PostAsync($"/api/jobs/{job}/upload?name=notes.csv", body));
    }

    /// <summary>Posts a draft with money for every answer at its worst case.</summary>
    internal async Task Start(Guid job, long answers)
    {
        await RenewToken();
        const long worstMicros = 400_000;
        var budget = new { budgetMicros = answers * worstMicros };
        for (var attempt = 0; ; attempt++)
        {
            var response = await _http.PostAsJsonAsync($"/api/jobs/{job}/post", budget);
            if (response.IsSuccessStatusCode)
                return;
            if (attempt == 100)
                await Read(response);

            // The deposit is on its way from payment.
            await Task.Delay(200);
        }
    }

    /// <summary>Waits until so many slots of the job are open, looking at the workers' own tables.</summary>
    internal async Task Claimable(Guid job, long slots, Action<long>? progress)
    {
        await using var worker = new NpgsqlConnection(_installation.Database("worker"));
        var deadline = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var opened = await worker.ExecuteScalarAsync<long?>("select opened from job where job_id = @job", new { job }) ?? 0;
            progress?.Invoke(opened);
            if (opened >= slots)
                return;
            if (TimeProvider.System.GetElapsedTime(deadline) > TimeSpan.FromMinutes(8))
                throw new InvalidOperationException($"Only {opened} of {slots} slots of job {job} are open after eight minutes.");
            await Task.Delay(100);
        }
    }

    internal async Task<JsonElement> Job(Guid job) => await Read(await _http.GetAsync(new Uri($"/api/jobs/{job}", UriKind.Relative)));

    /// <summary>A worker's sign-in token, made as the worker service makes it.</summary>
    internal string WorkerToken(Guid worker)
    {
        var tokens = new SignInTokens(SignIn.Worker, _installation.SecretFile("worker.pem"), TimeProvider.System);
        return tokens.Issue(worker, "Bench Worker", Guid.NewGuid(), TimeProvider.System.GetUtcNow()).Token;
    }

    private async Task PayIn()
    {
        const long most = 1_000_000_000_000;
        for (var n = 0; n < 20; n++)
        {
            using var deposit = new HttpRequestMessage(HttpMethod.Post, "/ledger/deposits") { Content = JsonContent.Create(new { amountMicros = most }) };
            deposit.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
            await Read(await _http.SendAsync(deposit));
        }
    }

    private async Task RenewToken()
    {
        var renewed = await Read(await _http.PostAsync(new Uri("/requester/sign-in/renew", UriKind.Relative), null));
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", renewed.GetProperty("token").GetString());
    }

    private static async Task<JsonElement> Read(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode
                ? JsonSerializer.Deserialize<JsonElement>(text)
                : throw new InvalidOperationException($"{response.RequestMessage!.RequestUri} answered {(int)response.StatusCode}: {text}");
        }
    }
}
