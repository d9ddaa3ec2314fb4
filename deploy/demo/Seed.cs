using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Marketplace.Demo;

/// <summary>The requester's side: money on deposit, and the three jobs. What is there since an earlier demo is used again.</summary>
internal static class Seed
{
    private const string RequesterEmail = "requester@demo.example";
    private const string WorkerEmail = "worker@demo.example";
    private const long DepositMicros = 250_000_000;

    /// <returns>The jobs to work on, by their ids.</returns>
    internal static async Task<IReadOnlyDictionary<Guid, DemoJob>> Run(HttpClient http, string password)
    {
        // An account to try as a worker, whose clock nobody else is running.
        await new Visitor(http, "").Enter("Robin", WorkerEmail, password);

        var requester = new Visitor(http, "/requester");
        await requester.Enter("Mill Street Repairs", RequesterEmail, password);
        var there = (await requester.Get("/api/jobs")).Wanted().EnumerateArray().ToArray();
        var jobs = new Dictionary<Guid, DemoJob>();
        foreach (var job in DemoJob.All)
        {
            if (Find(there, job.Title) is { } running)
                jobs.Add(running, job);
        }

        var missing = DemoJob.All.Except(jobs.Values).ToArray();
        if (missing.Length > 0)
            (await requester.Post("/ledger/deposits", new { amountMicros = DepositMicros })).Wanted();

        // All at once: what a requester sees of a job moves at steps, and so they wait for one step, not for one each.
        foreach (var (posted, job) in await Task.WhenAll(missing.Select(async job => (await Post(requester, job), job))))
            jobs.Add(posted, job);
        return jobs;
    }

    /// <summary>Nobody goes on with the account to try once everything stops: what it has open goes back.</summary>
    internal static async Task LeaveAsWorker(HttpClient http, string password)
    {
        var worker = new Visitor(http, "");
        await worker.Enter("Robin", WorkerEmail, password);
        await worker.GiveBack();
    }

    internal static string SignIns(string password) => $"""
        To try it as a worker     {WorkerEmail}, password {password}
        To try it as a requester  {RequesterEmail}, password {password}

        """;

    /// <summary>A job of this title that still has a third of its answers to come.</summary>
    private static Guid? Find(JsonElement[] jobs, string title)
    {
        foreach (var job in jobs)
        {
            if (job.GetProperty("title").GetString() == title
                && job.GetProperty("state").GetString() == "running"
                && job.GetProperty("answers").GetInt64() * 3 < job.GetProperty("answersWanted").GetInt64() * 2)
                return job.GetProperty("jobId").GetGuid();
        }

        return null;
    }

    private static async Task<Guid> Post(Visitor requester, DemoJob job)
    {
        var jobId = (await requester.Post("/api/jobs", job.Draft)).Wanted().GetProperty("jobId").GetGuid();
        using var upload = Upload(job);
        (await requester.Post($"/api/jobs/{jobId}/upload", upload)).Wanted();

        // The deposit is on its way from payment, and so is the funding afterwards.
        await Until(async () => await requester.Post($"/api/jobs/{jobId}/post", new { }), reply => reply.Ok);
        await Until(
            async () => await requester.Get($"/api/jobs/{jobId}"),
            reply => reply.Wanted().GetProperty("state").GetString() == "running");
        Console.WriteLine($"posted: {job.Title} ({job.Tasks.Count} tasks)");
        return jobId;
    }

    private static MultipartFormDataContent Upload(DemoJob job)
    {
        var form = new MultipartFormDataContent();
        var tasks = new ByteArrayContent(job.ToJsonLines());
        tasks.Headers.ContentType = new MediaTypeHeaderValue("application/jsonl");
        form.Add(tasks, "file", job.Column + "s.jsonl");
        if (job.Pictures.Count > 0)
            form.Add(new ByteArrayContent(Zip(job.Pictures)), "images", job.Column + "s.zip");
        return form;
    }

    private static byte[] Zip(IReadOnlyDictionary<string, byte[]> files)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }

    private static async Task Until(Func<Task<Reply>> ask, Func<Reply, bool> good)
    {
        var deadline = DateTimeOffset.UtcNow.AddSeconds(90);
        while (true)
        {
            var reply = await ask();
            if (good(reply))
                return;
            if (DateTimeOffset.UtcNow > deadline)
                throw new InvalidOperationException($"The marketplace did not get further in a minute and a half: {reply.Body}");
            await Task.Delay(300);
        }
    }
}
