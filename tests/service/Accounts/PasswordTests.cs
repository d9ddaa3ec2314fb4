using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Marketplace.ServiceTests.Accounts;

/// <summary>Signing up and in by password.</summary>
public sealed class PasswordTests(AccountsFixture accounts) : IClassFixture<AccountsFixture>
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_signs_up_in_and_renews_in_JSON()
    {
        using var program = accounts.Worker.Anybody();
        var email = AccountsFixture.NewEmail();
        var opened = await Token(await program.PostAsJsonAsync("/sign-up", new { name = "Robin", email, password = Visitor.Password }, Cancel));
        var signedIn = await Token(await program.PostAsJsonAsync("/sign-in", new { email = email.ToUpperInvariant(), password = Visitor.Password }, Cancel));

        accounts.Worker.Clock.Advance(TimeSpan.FromMinutes(30));
        var renewed = await Token(await Bearer(program, HttpMethod.Post, "/sign-in/renew", opened));
        Assert.Equal(HttpStatusCode.NoContent, (await Bearer(program, HttpMethod.Post, "/sign-out", renewed)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Bearer(program, HttpMethod.Post, "/sign-in/renew", renewed)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Bearer(program, HttpMethod.Post, "/sign-in/renew", signedIn)).StatusCode);

        accounts.Worker.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Bearer(program, HttpMethod.Post, "/sign-in/renew", signedIn)).StatusCode);
    }

    [Fact]
    public async Task A_token_of_a_worker_does_not_carry_the_name()
    {
        using var program = accounts.Worker.Anybody();
        var token = await Token(await program.PostAsJsonAsync("/sign-up", new { name = "Robin Q", email = AccountsFixture.NewEmail(), password = Visitor.Password }, Cancel));
        var payload = Microsoft.IdentityModel.Tokens.Base64UrlEncoder.Decode(token.Split('.')[1]);
        Assert.DoesNotContain("Robin", payload, StringComparison.Ordinal);
        Assert.DoesNotContain("example.org", payload, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_email_is_used_once()
    {
        using var program = accounts.Worker.Anybody();
        var email = AccountsFixture.NewEmail();
        await program.PostAsJsonAsync("/sign-up", new { name = "Robin", email, password = Visitor.Password }, Cancel);
        var again = await program.PostAsJsonAsync("/sign-up", new { name = "Kim", email = email.ToUpperInvariant(), password = Visitor.Password }, Cancel);
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
    }

    [Fact]
    public async Task An_unknown_email_and_a_wrong_password_get_the_same_answers_and_rest_alike()
    {
        using var visitor = accounts.Visitor();
        var known = AccountsFixture.NewEmail();
        await visitor.SignUp(known);
        var (ofKnown, ofUnknown) = (await Tries(known), await Tries(AccountsFixture.NewEmail()));
        Assert.Equal(ofKnown, ofUnknown);
        Assert.Equal([401, 401, 429, 429], ofKnown.Select(a => a.Status));

        using var program = accounts.Worker.Anybody();
        Assert.Equal(HttpStatusCode.TooManyRequests, (await program.PostAsJsonAsync("/sign-in", new { email = known, password = Visitor.Password }, Cancel)).StatusCode);
    }

    [Fact]
    public async Task The_right_password_clears_the_count()
    {
        using var visitor = accounts.Visitor();
        var email = AccountsFixture.NewEmail();
        await visitor.SignUp(email);
        using var program = accounts.Worker.Anybody();
        foreach (var password in (string[])["wrong", "wrong", Visitor.Password, "wrong", "wrong", Visitor.Password])
        {
            var answer = await program.PostAsJsonAsync("/sign-in", new { email, password }, Cancel);
            Assert.Equal(password == "wrong" ? HttpStatusCode.Unauthorized : HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Tries_side_by_side_do_not_outrun_the_count()
    {
        using var visitor = accounts.Visitor();
        var email = AccountsFixture.NewEmail();
        await visitor.SignUp(email);
        using var program = accounts.Worker.Anybody();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => program.PostAsJsonAsync("/sign-in", new { email, password = "wrong" }, Cancel)));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await program.PostAsJsonAsync("/sign-in", new { email, password = Visitor.Password }, Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("short", "at least 10")]
    [InlineData("Password123!", "Many people")]
    [InlineData("1234567890", "Many people")]
    [InlineData("qwertyuiop", "Many people")]
    [InlineData("letmeinletmein", "Many people")]
    [InlineData("aaaaaaaaaaaa", "Many people")]
    public async Task A_password_that_is_guessed_first_is_refused_at_its_field(string password, string words)
    {
        using var visitor = accounts.Visitor();
        var page = await visitor.Submit("/sign-up", new() { ["Name"] = "Robin", ["Email"] = AccountsFixture.NewEmail(), ["Password"] = password });
        var html = await page.Content.ReadAsStringAsync(Cancel);
        Assert.Contains("id=\"Password-error\"", html, StringComparison.Ordinal);
        Assert.Contains(words, html, StringComparison.Ordinal);
        Assert.DoesNotContain($"value=\"{password}\"", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("several plain words")]
    [InlineData("kT9#mwPq2x")]
    [InlineData("horse staple 12")]
    [InlineData("пароль из слов")]
    public async Task Any_other_password_of_ten_characters_is_fine(string password)
    {
        using var program = accounts.Worker.Anybody();
        await Token(await program.PostAsJsonAsync("/sign-up", new { name = "Robin", email = AccountsFixture.NewEmail(), password }, Cancel));
    }

    [Fact]
    public async Task A_password_that_is_the_email_is_refused()
    {
        using var program = accounts.Worker.Anybody();
        var email = AccountsFixture.NewEmail();
        Assert.Equal(HttpStatusCode.BadRequest, (await program.PostAsJsonAsync("/sign-up", new { name = "Robin", email, password = email }, Cancel)).StatusCode);
    }

    [Fact]
    public async Task One_address_is_slowed_down_and_told_so()
    {
        await using var strict = await RunningService.Start(EventRoutes.Worker, Marketplace.Worker.WorkerService.Build, accounts.Worker.Clock, "--SignIn:PerAddressAndMinute=2");
        using var program = strict.Anybody();
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 3; i++) answers.Add((await program.PostAsJsonAsync("/sign-in", new { email = AccountsFixture.NewEmail(), password = "wrong" }, Cancel)).StatusCode);
        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized, HttpStatusCode.TooManyRequests], answers);
        Assert.Equal(HttpStatusCode.OK, (await program.GetAsync("/sign-in", Cancel)).StatusCode);
    }

    private async Task<List<(int Status, string Detail)>> Tries(string email)
    {
        using var program = accounts.Worker.Anybody();
        var answers = new List<(int, string)>();
        for (var i = 0; i < 4; i++)
        {
            var answer = await program.PostAsJsonAsync("/sign-in", new { email, password = "wrong" }, Cancel);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
            answers.Add(((int)answer.StatusCode, problem.GetProperty("title").GetString() + problem.GetProperty("detail").GetString() + problem.GetProperty("errors")));
        }
        return answers;
    }

    private static async Task<HttpResponseMessage> Bearer(HttpClient program, HttpMethod method, string path, string token)
    {
        using var request = new HttpRequestMessage(method, path) { Headers = { { "Authorization", $"Bearer {token}" } } };
        return await program.SendAsync(request, Cancel);
    }

    private static async Task<string> Token(HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("token").GetString()!;
    }
}
