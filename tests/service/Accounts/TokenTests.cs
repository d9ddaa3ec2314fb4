using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Marketplace.Platform;
using Marketplace.Worker;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Marketplace.ServiceTests.Accounts;

/// <summary>Which tokens open a door. Signing out is the door: it asks for a worker and nothing else.</summary>
public sealed class TokenTests(AccountsFixture accounts) : IClassFixture<AccountsFixture>
{
    private RunningService Worker => accounts.Worker;

    [Fact]
    public async Task A_token_of_the_worker_service_opens_it() => Assert.Equal(HttpStatusCode.NoContent, await Try(Good()));

    [Fact]
    public async Task No_token_opens_nothing_and_the_answer_says_what_to_do()
    {
        using var nobody = Worker.Anybody();
        var answer = await nobody.PostAsync("/sign-out", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await Post("Basic", "cm9iaW46c2VjcmV0"));
        Assert.Contains("/sign-in", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_is_over_after_fifteen_minutes()
    {
        var token = Good();
        Worker.Clock.Advance(TimeSpan.FromMinutes(14));
        Assert.Equal(HttpStatusCode.NoContent, await Try(token));
        Worker.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.Unauthorized, await Try(token));
    }

    [Fact]
    public async Task A_requesters_token_is_not_a_workers()
    {
        using var requester = Worker.Requester(Guid.NewGuid());
        Assert.Equal(HttpStatusCode.Unauthorized, (await requester.PostAsync("/sign-out", null, TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task The_requesters_issuer_cannot_make_a_worker()
    {
        var token = new SignInTokens(SignIn.Worker, Key("requester.pem"), Worker.Clock).Issue(Guid.NewGuid(), "", Guid.NewGuid(), Worker.Clock.GetUtcNow());
        Assert.Equal(HttpStatusCode.Unauthorized, await Try(token.Token));
    }

    [Fact]
    public async Task Another_person_cannot_be_written_into_a_token()
    {
        var good = Good();
        var parts = good.Split('.');
        var changed = Base64UrlEncoder.Decode(parts[1]).Replace(new JsonWebToken(good).Subject, Guid.NewGuid().ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await Try($"{parts[0]}.{Base64UrlEncoder.Encode(changed)}.{parts[2]}"));
    }

    [Fact]
    public async Task An_unsigned_token_opens_nothing()
    {
        var payload = Good().Split('.')[1];
        Assert.Equal(HttpStatusCode.Unauthorized, await Try($"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{payload}."));
        Assert.Equal(HttpStatusCode.Unauthorized, await Try($"{Good().Split('.')[0]}.{payload}."));
    }

    [Fact]
    public async Task The_public_key_is_no_secret_to_sign_with()
    {
        var parts = Good().Split('.');
        var header = Base64UrlEncoder.Encode($$"""{"alg":"HS256","kid":"{{new JsonWebToken(Good()).Kid}}","typ":"JWT"}""");
        var mac = HMACSHA256.HashData(await File.ReadAllBytesAsync(Key("worker.pub.pem"), TestContext.Current.CancellationToken), Encoding.ASCII.GetBytes($"{header}.{parts[1]}"));
        Assert.Equal(HttpStatusCode.Unauthorized, await Try($"{header}.{parts[1]}.{Base64UrlEncoder.Encode(mac)}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("a.b.c")]
    [InlineData("....")]
    public async Task What_is_no_token_opens_nothing(string token) => Assert.Equal(HttpStatusCode.Unauthorized, await Try(token));

    [Fact]
    public async Task While_keys_are_changed_the_old_and_the_new_open()
    {
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var folder = Directory.CreateTempSubdirectory("marketplace-two-keys-");
        var (both, signing) = (Path.Combine(folder.FullName, "both.pem"), Path.Combine(folder.FullName, "next.pem"));
        await File.WriteAllTextAsync(signing, next.ExportPkcs8PrivateKeyPem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(both, await File.ReadAllTextAsync(Key("worker.pub.pem"), TestContext.Current.CancellationToken) + "\n" + next.ExportSubjectPublicKeyInfoPem(), TestContext.Current.CancellationToken);
        await using var rotating = await RunningService.Start(EventRoutes.Worker, WorkerService.Build, Worker.Clock, $"--SignIn:PublicKeys:worker={both}");

        var fresh = new SignInTokens(SignIn.Worker, signing, Worker.Clock).Issue(Guid.NewGuid(), "", Guid.NewGuid(), Worker.Clock.GetUtcNow()).Token;
        Assert.Equal(HttpStatusCode.NoContent, await Post("Bearer", Good(), rotating));
        Assert.Equal(HttpStatusCode.NoContent, await Post("Bearer", fresh, rotating));
        Assert.Equal(HttpStatusCode.Unauthorized, await Try(fresh));
        folder.Delete(recursive: true);
    }

    private static string Key(string name) => Path.Combine(Environment.Current.KeyFolder, name);

    private string Good() => new SignInTokens(SignIn.Worker, Key("worker.pem"), Worker.Clock).Issue(Guid.NewGuid(), "", Guid.NewGuid(), Worker.Clock.GetUtcNow()).Token;

    private Task<HttpStatusCode> Try(string token) => Post("Bearer", token);

    private async Task<HttpStatusCode> Post(string scheme, string token, RunningService? service = null)
    {
        using var program = (service ?? Worker).Anybody();
        program.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(scheme, token);
        return (await program.PostAsync("/sign-out", null, TestContext.Current.CancellationToken)).StatusCode;
    }
}
