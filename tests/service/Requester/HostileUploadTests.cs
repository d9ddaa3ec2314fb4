using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Text;

namespace Marketplace.ServiceTests.Requester;

/// <summary>Uploads that were made to do harm: each is refused in words, and the service has no more memory for it than for any other.</summary>
[Collection(nameof(Accounts.SameWorkTests))]
public sealed class HostileUploadTests(RequesterFixture given) : IClassFixture<RequesterFixture>
{
    private const long MostGrowth = 150_000_000;

    [Fact]
    public async Task A_line_of_a_gigabyte_is_read_as_it_comes_and_refused()
    {
        var (client, job) = await ADraft();
        foreach (var (type, start) in new[] { ("text/csv", "text\n\""), ("text/csv", "text\n"), ("application/x-ndjson", "{\"text\":\"") })
        {
            var most = await MemoryDuring(async () =>
            {
                using var body = new StreamContent(new Endless(Encoding.UTF8.GetBytes(start), 1_000_000_000)) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
                try
                {
                    using var answer = await client.PostAsync($"/api/jobs/{job}/upload", body, TestContext.Current.CancellationToken);
                    Assert.InRange((int)answer.StatusCode, 400, 499);
                }
                catch (HttpRequestException)
                {
                    // The service has answered and closed before everything was sent.
                }
            });
            Assert.True(most < MostGrowth, $"{type}: {most:N0} bytes more");
            Assert.Equal(0, (await client.Json($"/api/jobs/{job}")).GetProperty("tasks").GetInt32());
        }
    }

    [Fact]
    public async Task A_million_columns_are_refused()
    {
        var (client, job) = await ADraft();
        var header = string.Join(',', Enumerable.Range(0, 1_000_000).Select(n => $"c{n}"));
        await (await RequesterFixture.Upload(client, job, header + "\n")).Refused(400);
        await (await RequesterFixture.Upload(client, job, string.Join(',', Enumerable.Range(0, 400_000).Select(_ => "c")) + "\n")).Refused(400);
        await (await RequesterFixture.Upload(client, job, "{" + string.Join(',', Enumerable.Range(0, 100_000).Select(n => $"\"c{n}\":1")) + "}\n")).Refused(400);
        Assert.InRange((int)(await RequesterFixture.Upload(client, job, "text\n" + new string(',', 1_000_000) + "\n")).StatusCode, 200, 499);
    }

    [Theory]
    [InlineData("{\"text\":")]
    [InlineData("[")]
    public async Task JSON_that_is_deeper_than_it_is_useful_is_refused(string opening)
    {
        var (client, job) = await ADraft();
        var deep = string.Concat(Enumerable.Repeat(opening, 100_000));
        await (await RequesterFixture.Upload(client, job, deep + "\n")).Refused(400);
        await (await client.PostAsync("/api/jobs", new StringContent(deep, new MediaTypeHeaderValue("application/json")), TestContext.Current.CancellationToken)).Refused(400);
    }

    [Fact]
    public async Task A_body_of_three_megabytes_where_fields_are_expected_is_refused()
    {
        var (client, _) = await ADraft();
        using var body = new StringContent("{\"title\":\"" + new string('x', 3_000_000) + "\"}", new MediaTypeHeaderValue("application/json"));
        // Asks before it sends: a refusal that comes in the middle of sending may be lost with the connection.
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/jobs") { Content = body, Headers = { ExpectContinue = true } };
        await (await client.SendAsync(request, TestContext.Current.CancellationToken)).Refused(413);
    }

    [Fact]
    public async Task A_zip_that_names_a_million_files_is_refused_before_any_is_looked_at()
    {
        var (client, job) = await ADraft();
        var zip = ZipOfNames(1_000_000);
        foreach (var told in (ushort[])[ushort.MaxValue, 1])
        {
            // What the end of the zip says of their number is not what counts.
            BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(zip.Length - 12), told);
            var most = await MemoryDuring(async () => Assert.Contains("20,000", await (await RequesterFixture.Upload(client, job, zip, "application/zip")).Refused(400), StringComparison.Ordinal));
            Assert.True(most < MostGrowth, $"{most:N0} bytes more");
        }
    }

    [Fact]
    public async Task A_zip_of_a_few_kilobytes_that_unpacks_to_gigabytes_is_refused_whatever_its_files_are()
    {
        var (client, job) = await ADraft();

        // Neither is a picture, so nothing would be kept of it: the work counts.
        var zeros = new byte[6_000_000];
        var bomb = RequesterFixture.Zip([.. Enumerable.Range(0, 110).Select(n => ($"{n}.png", zeros))]);
        Assert.InRange(bomb.Length, 0, 1_000_000);
        Assert.Contains("more than 500 MB", await (await RequesterFixture.Upload(client, job, bomb, "application/zip")).Refused(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_picture_and_what_would_lead_elsewhere_is_left_out_of_a_zip()
    {
        var (client, job) = await ADraft();
        var picture = RequesterFixture.APicture;
        var script = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"u8.ToArray();
        var answer = await RequesterFixture.Upload(client, job, RequesterFixture.Zip(
            ("good.png", picture), ("vector.svg", script), ("vector.png", script), ("page.png", "<html><script>alert(1)</script>"u8.ToArray()),
            ("inner.zip", RequesterFixture.Zip(("inner.png", picture))), ("../../etc/cron.d/up.png", picture), ("/etc/up.png", picture), ("a\\..\\up.png", picture),
            ("C:up.png", picture), ("new\nline.png", picture)), "application/zip");
        var stored = (await answer.Json()).GetProperty("images");
        Assert.Equal((1, 9), (stored.GetProperty("images").GetInt32(), stored.GetProperty("problemCount").GetInt32()));
    }

    private async Task<(HttpClient Client, Guid Job)> ADraft()
    {
        var client = given.Service.Requester(Guid.NewGuid());
        return (client, await RequesterFixture.Draft(client));
    }

    /// <summary>How much the process has grown at most while something was done.</summary>
    private static async Task<long> MemoryDuring(Func<Task> work)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var most = 0L;
        using var stop = new CancellationTokenSource();
        var watch = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: false) - before);
                    await Task.Delay(20);
                }
            },
            TestContext.Current.CancellationToken);
        await work();
        await stop.CancelAsync();
        await watch;
        return most;
    }

    /// <summary>A zip's list of this many files, without the files.</summary>
    private static byte[] ZipOfNames(int files)
    {
        using var bytes = new MemoryStream();
        Span<byte> entry = stackalloc byte[47];
        entry.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(entry, 0x02014b50);
        entry[28] = 1;
        entry[46] = (byte)'a';
        for (var i = 0; i < files; i++)
            bytes.Write(entry);

        Span<byte> end = stackalloc byte[22];
        end.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt32LittleEndian(end[12..], (uint)bytes.Length);
        bytes.Write(end);
        return bytes.ToArray();
    }

    /// <summary>A start, and then the letter x up to a length.</summary>
    private sealed class Endless(byte[] start, long length) : Stream
    {
        private long _at;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _at; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var n = (int)Math.Min(count, length - _at);
            var given = _at < start.Length ? Math.Min(n, start.Length - (int)_at) : 0;
            start.AsSpan((int)Math.Min(_at, start.Length), given).CopyTo(buffer.AsSpan(offset));
            buffer.AsSpan(offset + given, n - given).Fill((byte)'x');
            _at += n;
            return n;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
