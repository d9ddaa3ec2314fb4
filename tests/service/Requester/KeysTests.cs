using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Marketplace.ServiceTests.Requester;

/// <summary>A key acts as its requester until it is revoked, and is nowhere to be read.</summary>
public sealed class KeysTests(RequesterFixture given) : IClassFixture<RequesterFixture>
{
    [Fact]
    public async Task A_key_opens_the_api_until_it_is_revoked()
    {
        using var requester = given.Service.Requester(Guid.NewGuid());
        var made = await (await requester.PostAsJsonAsync("/api/keys", new { name = "nightly" }, TestContext.Current.CancellationToken)).Json();
        using var program = Holding(made.GetProperty("key").GetString()!);

        var job = await RequesterFixture.Draft(program);
        Assert.Equal(job, (await requester.Json("/api/jobs"))[0].GetProperty("jobId").GetGuid());
        var token = await (await program.PostAsync("/api/token", null, TestContext.Current.CancellationToken)).Json();
        using var bearer = Holding(token.GetProperty("token").GetString()!);
        Assert.Equal(job, (await bearer.Json("/api/jobs"))[0].GetProperty("jobId").GetGuid());

        Assert.DoesNotContain(made.GetProperty("key").GetString()!, (await program.Json("/api/keys")).GetRawText(), StringComparison.Ordinal);
        Assert.Equal(204, (int)(await requester.DeleteAsync($"/api/keys/{made.GetProperty("keyId").GetGuid()}", TestContext.Current.CancellationToken)).StatusCode);
        await (await program.GetAsync("/api/jobs", TestContext.Current.CancellationToken)).Refused(401);
    }

    [Fact]
    public async Task A_made_up_key_a_workers_token_and_anothers_key_open_nothing()
    {
        await (await Holding("mk_" + new string('0', 64)).GetAsync("/api/jobs", TestContext.Current.CancellationToken)).Refused(401);
        await (await given.Service.Worker(Guid.NewGuid()).GetAsync("/api/jobs", TestContext.Current.CancellationToken)).Refused(401);
        using var requester = given.Service.Requester(Guid.NewGuid());
        await (await requester.DeleteAsync($"/api/keys/{Guid.NewGuid()}", TestContext.Current.CancellationToken)).Refused(404);
        await (await requester.PostAsJsonAsync("/api/keys", new { name = "" }, TestContext.Current.CancellationToken)).Refused(400);
    }

    private HttpClient Holding(string secret)
    {
        var client = given.Service.Anybody();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return client;
    }
}
