using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Marketplace.Platform;

/// <summary>A token and the moment it ends: what a program gets from signing in.</summary>
public sealed record SignInToken(string Token, DateTimeOffset ExpiresAt);

/// <summary>Issues an issuer's tokens (RFC 7519, ES256) with its private key. Issuers use it, and tests that need somebody to be signed in.</summary>
public sealed class SignInTokens
{
    private readonly string issuer;
    private readonly TimeProvider clock;
    private readonly SigningCredentials credentials;

    /// <summary>Reads the first private key of a PEM file.</summary>
    /// <param name="issuer"><see cref="SignIn.Worker"/> or <see cref="SignIn.Requester"/>.</param>
    /// <param name="privateKeyFile">A PEM file with an EC P-256 private key.</param>
    /// <param name="clock">Where the time comes from.</param>
    public SignInTokens(string issuer, string privateKeyFile, TimeProvider clock)
    {
        this.issuer = issuer;
        this.clock = clock;
        if (!File.ReadAllText(privateKeyFile).Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw new InvalidOperationException($"{privateKeyFile} holds no private key to sign with.");
        var key = SignInVerifier.ReadKeys(privateKeyFile)[0];
        credentials = new SigningCredentials(key, SecurityAlgorithms.EcdsaSha256);
    }

    /// <summary>A token for an account's session. <paramref name="signedInAt"/> is when the password was last given.</summary>
    public SignInToken Issue(Guid account, string name, Guid session, DateTimeOffset signedInAt)
    {
        var now = clock.GetUtcNow();
        var expires = DateTimeOffset.FromUnixTimeSeconds((now + SignIn.TokenLifetime).ToUnixTimeSeconds());
        var token = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            IssuedAt = now.UtcDateTime,
            Expires = expires.UtcDateTime,
            Claims = new Dictionary<string, object>
            {
                [SignIn.Claims.Subject] = account.ToString(),
                [SignIn.Claims.Session] = session.ToString(),
                [SignIn.Claims.SignedInAt] = signedInAt.ToUnixTimeSeconds(),
                [SignIn.Claims.Name] = name,
            },
            SigningCredentials = credentials,
        });
        return new SignInToken(token, expires);
    }
}

/// <summary>A token whose signature and issuer are right. Whether it is over is for the reader to see.</summary>
internal sealed record VerifiedToken(ClaimsPrincipal Principal, DateTimeOffset ExpiresAt);

/// <summary>Verifies one issuer's tokens by its public keys. What was verified once is remembered, for a page at work shows the same token twice a second.</summary>
internal sealed class SignInVerifier(string issuer, IReadOnlyList<SecurityKey> keys)
{
    private const int Remembered = 20_000;

    private static readonly JsonWebTokenHandler Handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = 4096 };

    private readonly ConcurrentDictionary<string, VerifiedToken> verified = new(StringComparer.Ordinal);

    private readonly TokenValidationParameters rules = new()
    {
        ValidIssuer = issuer,
        ValidateAudience = false,
        ValidateLifetime = false,
        RequireSignedTokens = true,
        IssuerSigningKeys = keys,
        TryAllIssuerSigningKeys = false,
        ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
    };

    /// <summary>The token's content, or null when this issuer did not make it.</summary>
    internal async ValueTask<VerifiedToken?> Verify(string token)
    {
        if (verified.TryGetValue(token, out var known)) return known;
        var result = await Handler.ValidateTokenAsync(token, rules);
        if (!result.IsValid || result.SecurityToken is not JsonWebToken jwt || jwt.ValidTo == default || !Guid.TryParse(jwt.Subject, out _)) return null;

        var identity = new ClaimsIdentity(jwt.Claims, issuer, SignIn.Claims.Name, null);
        var content = new VerifiedToken(new ClaimsPrincipal(identity), new DateTimeOffset(jwt.ValidTo, TimeSpan.Zero));
        if (verified.Count >= Remembered) verified.Clear();
        return verified[token] = content;
    }

    /// <summary>Who a token says has made it, before anybody has looked whether that is true.</summary>
    internal static string? ClaimedIssuer(string token)
    {
        try
        {
            return Handler.CanReadToken(token) ? Handler.ReadJsonWebToken(token).Issuer : null;
        }
        catch (Exception e) when (e is ArgumentException or SecurityTokenException)
        {
            return null;
        }
    }

    /// <summary>Every EC key of a PEM file, public or private, in order; each is known by its RFC 7638 thumbprint.</summary>
    internal static IReadOnlyList<ECDsaSecurityKey> ReadKeys(string path)
    {
        var keys = new List<ECDsaSecurityKey>();
        var text = File.ReadAllText(path).AsSpan();
        while (PemEncoding.TryFind(text, out var fields))
        {
            var key = ECDsa.Create();
            key.ImportFromPem(text[fields.Location]);
            if (key.KeySize != 256) throw new InvalidOperationException($"{path} holds a key that is not on the P-256 curve.");
            var named = new ECDsaSecurityKey(key);
            named.KeyId = Base64UrlEncoder.Encode(named.ComputeJwkThumbprint());
            keys.Add(named);
            text = text[fields.Location.End..];
        }
        return keys.Count > 0 ? keys : throw new InvalidOperationException($"{path} holds no key.");
    }
}
