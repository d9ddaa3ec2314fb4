using System.Net.Http.Headers;
using System.Text;

namespace Marketplace.ServiceTests.Requester;

/// <summary>Files as people have them: read row by row, with errors by line, and refused whole only where nothing can be read.</summary>
public sealed class UploadTasksTests(RequesterFixture given) : IClassFixture<RequesterFixture>
{
    private static readonly byte[] ByteOrderMark = [0xef, 0xbb, 0xbf];

    [Theory]
    [InlineData("text,place\n\"a, b\",here\nc,\"two\nlines\"\n", "comma")]
    [InlineData("text;place\n\"a; b\";here\nc;\"two\nlines\"\n", "semicolon")]
    [InlineData("text\tplace\na\there\nc\tthere\n", "tab")]
    [InlineData("text,place\r\na,here\r\n\r\nc,there", "comma")]
    [InlineData("{\"text\":\"a\",\"place\":1}\n{\"place\":null,\"text\":\"c\"}\n", "JSON Lines")]
    public async Task Each_way_to_write_two_rows_reads_as_two_tasks(string file, string format)
    {
        var (client, job) = await ADraft();
        foreach (var bytes in new[] { Encoding.UTF8.GetBytes(file), [.. ByteOrderMark, .. Encoding.UTF8.GetBytes(file)] })
        {
            var read = (await (await RequesterFixture.Upload(client, job, bytes)).Json()).GetProperty("tasks");
            Assert.Equal((2, 0), (read.GetProperty("rows").GetInt32(), read.GetProperty("problemCount").GetInt32()));
            Assert.Contains(format, read.GetProperty("format").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(2, (await client.Json($"/api/jobs/{job}/tasks")).GetProperty("tasks").GetArrayLength());
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" \n\n", "is empty")]
    [InlineData("text\n", "no rows")]
    [InlineData("text,text\na,b\n", "Two columns are named text")]
    [InlineData("text,,place\na,b,c\n", "Column 2 has no name")]
    [InlineData("text,\"place\na,b\n", "never closed")]
    [InlineData("PK\u0003\u0004whatever", "spreadsheet or a zip")]
    [InlineData("{\"text\":\n", "not one JSON object")]
    [InlineData("{}\n{}\n", "no values")]
    public async Task A_file_that_cannot_be_read_is_refused_and_what_was_there_stays(string file, string why)
    {
        var (client, job) = await ADraft();
        (await RequesterFixture.Upload(client, job, "text\nwren\n")).EnsureSuccessStatusCode();

        Assert.Contains(why, await (await RequesterFixture.Upload(client, job, file)).Refused(400), StringComparison.Ordinal);
        Assert.Equal("wren", (await client.Json($"/api/jobs/{job}/tasks")).GetProperty("tasks")[0].GetProperty("input").GetProperty("text").GetString());
    }

    [Fact]
    public async Task Too_many_columns_and_UTF_16_are_refused()
    {
        var (client, job) = await ADraft();
        var columns = string.Join(',', Enumerable.Range(1, 101).Select(n => $"c{n}"));
        Assert.Contains("101 columns", await (await RequesterFixture.Upload(client, job, $"{columns}\n{columns}\n")).Refused(400), StringComparison.Ordinal);
        var utf16 = Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("text\nwren\n")).ToArray();
        Assert.Contains("UTF-16", await (await RequesterFixture.Upload(client, job, utf16)).Refused(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_that_cannot_be_posted_are_told_by_line_and_left_out_only_when_asked()
    {
        var client = await given.ARequesterWith(100 * RequesterFixture.Euro);
        var job = await RequesterFixture.Draft(client);
        byte[] file = [.. "text,place\nwren,here\nrobin\n"u8, .. Encoding.Latin1.GetBytes("gänsesäger,there\n"), .. "a,b,c\n,empty\nswift,\"la\"st\n"u8, .. "stork,end\n"u8];
        var read = (await (await RequesterFixture.Upload(client, job, file)).Json()).GetProperty("tasks");
        Assert.Equal([3, 4, 5, 7], read.GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("line").GetInt32()).Order());
        Assert.Contains("not UTF-8", read.GetProperty("problems").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("The row has 1 value", read.GetProperty("problems").GetRawText(), StringComparison.Ordinal);

        // The row without a text was read, and cannot be posted as long as the text is what people look at.
        Assert.Equal(5, (await client.Json($"/api/jobs/{job}/tasks")).GetProperty("problemCount").GetInt32());
        Assert.Contains("5 rows cannot be posted", await (await RequesterFixture.Post(client, job)).Refused(400), StringComparison.Ordinal);

        (await RequesterFixture.Post(client, job, new { leaveOut = true })).EnsureSuccessStatusCode();
        await Wait.Eventually(() => given.Broker.Heard<TaskPosted>().Any(e => e.JobId == job));
        var fed = given.Broker.Heard<TaskPosted>().Single(e => e.JobId == job);
        Assert.Equal(1, fed.FirstNumber);
        Assert.Equal(["wren", "stork"], fed.Inputs.Select(i => i.GetProperty("text").GetString()!));
    }

    [Fact]
    public async Task Lines_of_JSON_that_are_no_such_rows_are_told_by_line()
    {
        var (client, job) = await ADraft();
        string[] lines =
        [
            """{"text":"wren"}""", """{"text":["a"]}""", """{"other":"a"}""", """{"text":"a","more":"b"}""", "[1]", """{"text":"a",}""",
            """{"text":"\ud800"}""", """{"text":"a\u0000b"}""", """{"text":"a","text":"b"}""", """{"text":12.5}""",
        ];
        var read = (await (await RequesterFixture.Upload(client, job, string.Join('\n', lines))).Json()).GetProperty("tasks");
        Assert.Equal(2, read.GetProperty("rows").GetInt32());
        Assert.Equal([2, 3, 4, 5, 6, 7, 8, 9], read.GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("line").GetInt32()).Distinct());
    }

    [Fact]
    public async Task A_row_over_256_KB_is_told_and_a_quote_left_open_over_a_long_file_is_refused()
    {
        var (client, job) = await ADraft();
        var read = (await (await RequesterFixture.Upload(client, job, $"text\nwren\n{new string('x', 300_000)}\nrobin\n")).Json()).GetProperty("tasks");
        Assert.Equal((2, 3), (read.GetProperty("rows").GetInt32(), read.GetProperty("problems")[0].GetProperty("line").GetInt32()));

        var open = "text\nwren\n\"" + string.Concat(Enumerable.Repeat("a line of text\n", 200_000));
        Assert.Contains("double quote", await (await RequesterFixture.Upload(client, job, open)).Refused(400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_megabytes_are_the_most()
    {
        var (client, job) = await ADraft();
        var row = Encoding.UTF8.GetBytes(new string('x', 99) + "\n");
        using var body = new StreamContent(new Repeating(row, 100_100_000)) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };
        var response = await client.PostAsync($"/api/jobs/{job}/upload", body, TestContext.Current.CancellationToken);
        Assert.Contains("larger than 100 MB", await response.Refused(400), StringComparison.Ordinal);
        Assert.Equal(0, (await client.Json($"/api/jobs/{job}")).GetProperty("tasks").GetInt32());
    }

    [Fact]
    public async Task Pictures_of_a_zip_are_kept_by_content_and_named_in_the_tasks_by_hash()
    {
        var client = await given.ARequesterWith(100 * RequesterFixture.Euro);
        var job = await RequesterFixture.Draft(client, RequesterFixture.ADraft(textColumn: null, imageColumn: "image"));
        var zip = RequesterFixture.Zip(
            ("photos/a.png", RequesterFixture.APicture), ("photos/b.png", [.. RequesterFixture.APicture, 0]), ("photos/c.png", "<svg onload='x'/>"u8.ToArray()),
            ("../../etc/passwd.png", RequesterFixture.APicture), ("photos/huge.png", new byte[5_000_001]));
        var images = (await (await RequesterFixture.Upload(client, job, zip, "application/zip")).Json()).GetProperty("images");
        Assert.Equal((2, 3), (images.GetProperty("images").GetInt32(), images.GetProperty("problemCount").GetInt32()));

        (await RequesterFixture.Upload(client, job, "image\nphotos/a.png\nphotos/missing.png\nphotos/b.png\n")).EnsureSuccessStatusCode();
        Assert.Contains("no picture photos/missing.png", (await client.Json($"/api/jobs/{job}/tasks")).GetProperty("problems").GetRawText(), StringComparison.Ordinal);
        (await RequesterFixture.Post(client, job, new { leaveOut = true })).EnsureSuccessStatusCode();
        await Wait.Eventually(() => given.Broker.Heard<TaskPosted>().Any(e => e.JobId == job));
        var paths = given.Broker.Heard<TaskPosted>().Single(e => e.JobId == job).Inputs.Select(i => i.GetProperty("image").GetString()!).ToArray();
        Assert.Equal(2, paths.Distinct().Count());
        Assert.All(paths, path => Assert.Matches("^/media/[0-9a-f]{64}$", path));

        using var worker = given.Service.Worker(Guid.NewGuid());
        var shown = await worker.GetAsync(paths[0], TestContext.Current.CancellationToken);
        Assert.Equal(RequesterFixture.APicture, await shown.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(("image/png", "nosniff"), (shown.Content.Headers.ContentType!.ToString(), shown.Headers.GetValues("X-Content-Type-Options").Single()));
        Assert.Equal(401, (int)(await given.Service.Anybody().GetAsync(paths[0], TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(404, (int)(await worker.GetAsync("/media/" + new string('0', 64), TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(404, (int)(await worker.GetAsync("/media/..%2f..%2fetc%2fpasswd", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_zip_that_unpacks_to_too_much_or_is_none_is_refused()
    {
        var (client, job) = await ADraft();
        var picture = new byte[5_000_000];
        RequesterFixture.APicture.CopyTo(picture, 0);
        var bomb = RequesterFixture.Zip([.. Enumerable.Range(0, 101).Select(n => ($"{n}.png", picture))]);
        Assert.Contains("more than 500 MB", await (await RequesterFixture.Upload(client, job, bomb, "application/zip")).Refused(400), StringComparison.Ordinal);
        Assert.Contains("not a zip", await (await RequesterFixture.Upload(client, job, "hello"u8.ToArray(), "application/zip")).Refused(400), StringComparison.Ordinal);
        Assert.Equal(0, await RequesterFixture.Count(given.Service, $"select count(*) from job_image where job_id = '{job}'"));
    }

    [Fact]
    public async Task A_forms_upload_without_its_token_first_changes_nothing()
    {
        var (client, job) = await ADraft();
        using var form = new MultipartFormDataContent { { new ByteArrayContent("text\nwren\n"u8.ToArray()), "file", "a.csv" } };
        await (await client.PostAsync($"/requester/jobs/{job}/upload", form, TestContext.Current.CancellationToken)).Refused(400);
        Assert.Equal(0, (await client.Json($"/api/jobs/{job}")).GetProperty("tasks").GetInt32());
    }

    private async Task<(HttpClient Client, Guid Job)> ADraft()
    {
        var client = given.Service.Requester(Guid.NewGuid());
        return (client, await RequesterFixture.Draft(client));
    }

    /// <summary>The same bytes over and over, up to a length.</summary>
    private sealed class Repeating(byte[] row, long length) : Stream
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
            for (var i = 0; i < n; i++)
                buffer[offset + i] = row[(_at + i) % row.Length];
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
