using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Marketplace.Platform;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Marketplace.ServiceTests.Access;

/// <summary>The people of the table, with accounts of their own, and how each shows who they are.</summary>
internal sealed class Cast
{
    internal const string Password = "several plain words";

    private readonly Dictionary<Asker, Account> _accounts = [];
    private readonly Dictionary<Asker, string> _keys = [];
    private readonly TimeProvider _clock;

    private Cast(TimeProvider clock) => _clock = clock;

    /// <summary>Somebody who signed up, and the token of that sign-in.</summary>
    internal sealed record Account(string Issuer, string Email, string Token)
    {
        internal Guid Id => Guid.Parse(new JsonWebToken(Token).Subject);

        internal Guid Session => Guid.Parse(new JsonWebToken(Token).GetClaim("sid").Value);
    }

    internal Account this[Asker asker] => _accounts[asker];

    internal static async Task<Cast> SignUp(HttpClient http, TimeProvider clock)
    {
        var cast = new Cast(clock);
        foreach (var asker in new[] { Asker.Worker, Asker.OtherWorker, Asker.Treasurer, Asker.Requester, Asker.OtherRequester })
            cast._accounts[asker] = await Open(http, asker is Asker.Requester or Asker.OtherRequester ? SignIn.Requester : SignIn.Worker);
        cast._keys[Asker.Key] = await MakeKey(http, cast[Asker.Requester]);
        cast._keys[Asker.OtherKey] = await MakeKey(http, cast[Asker.OtherRequester]);
        return cast;
    }

    /// <summary>A new session for whoever may have ended the last.</summary>
    internal async Task Again(Asker asker, HttpClient http)
    {
        if (_accounts.TryGetValue(asker, out var known))
            _accounts[asker] = known with { Token = await TokenOf(http, Root(known.Issuer) + "/sign-in", new { email = known.Email, password = Password }) };
    }

    /// <summary>The <c>Authorization</c> of the asker at this row; nobody has none.</summary>
    internal AuthenticationHeaderValue? Shows(Asker asker, AccessRow row)
    {
        var owner = _accounts[row.IsForRequesters ? Asker.Requester : Asker.Worker];
        var other = owner.Issuer == SignIn.Worker ? SignIn.Requester : SignIn.Worker;
        return asker switch
        {
            Asker.Nobody => null,
            Asker.Over => Bearer(Issue(owner, KeyFile(owner.Issuer), TimeSpan.FromHours(1))),
            Asker.Forged => Bearer(Forge(owner)),
            Asker.WrongIssuer => Bearer(Issue(owner, KeyFile(other), TimeSpan.Zero)),
            Asker.Key or Asker.OtherKey => Bearer(_keys[asker]),
            _ => Bearer(_accounts[asker].Token),
        };
    }

    internal static AuthenticationHeaderValue Bearer(string token) => new("Bearer", token);

    internal static string Root(string issuer) => issuer == SignIn.Requester ? "/requester" : "";

    internal static string NewEmail() => $"{Guid.NewGuid():n}@example.org";

    private static async Task<Account> Open(HttpClient http, string issuer)
    {
        var email = NewEmail();
        return new(issuer, email, await TokenOf(http, Root(issuer) + "/sign-up", new { name = "Robin", email, password = Password }));
    }

    private static async Task<string> TokenOf(HttpClient http, string address, object body)
    {
        var answer = await http.PostAsJsonAsync(address, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<SignInToken>())!.Token;
    }

    private static async Task<string> MakeKey(HttpClient http, Account requester)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/keys") { Content = JsonContent.Create(new { name = "Access test" }), Headers = { Authorization = Bearer(requester.Token) } };
        var answer = await http.SendAsync(request);
        return (await answer.Content.ReadFromJsonAsync<System.Text.Json.JsonElement>()).GetProperty("key").GetString()!;
    }

    private string Issue(Account owner, string keyFile, TimeSpan ago) =>
        new SignInTokens(owner.Issuer, keyFile, new Earlier(_clock, ago)).Issue(owner.Id, "Robin", owner.Session, _clock.GetUtcNow() - ago).Token;

    private string Forge(Account owner)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var file = Path.GetTempFileName();
        File.WriteAllText(file, key.ExportPkcs8PrivateKeyPem());
        var token = Issue(owner, file, TimeSpan.Zero);
        File.Delete(file);
        return token;
    }

    private static string KeyFile(string issuer) => Path.Combine(Environment.Current.KeyFolder, $"{issuer}.pem");

    private sealed class Earlier(TimeProvider clock, TimeSpan ago) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() - ago;
    }
}
