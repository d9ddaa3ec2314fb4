using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Marketplace.Platform.Accounts;

/// <summary>What one issuer's accounts are like.</summary>
/// <param name="Issuer"><see cref="SignIn.Worker"/> or <see cref="SignIn.Requester"/>.</param>
/// <param name="Root">What its addresses begin with: <c>{Root}/sign-in</c>.</param>
/// <param name="Home">Where a sign-in leads that came from nowhere.</param>
/// <param name="NameIsPublic">Whether tokens, which every service reads, carry the name.</param>
public sealed record AccountSettings(string Issuer, string Root, string Home, bool NameIsPublic)
{
    /// <summary>Wrong passwords in a row before an email rests. <c>SignIn:Tries</c>.</summary>
    public int Tries { get; init; } = 10;

    /// <summary>How long it rests. <c>SignIn:RestMinutes</c>.</summary>
    public int RestMinutes { get; init; } = 15;

    /// <summary>Forms of this kind that one address may send in a minute. <c>SignIn:PerAddressAndMinute</c>.</summary>
    public int PerAddressAndMinute { get; init; } = 300;

    internal AccountSettings From(WebApplicationBuilder builder) => this with
    {
        Tries = builder.Configuration.GetValue("SignIn:Tries", Tries),
        RestMinutes = builder.Configuration.GetValue("SignIn:RestMinutes", RestMinutes),
        PerAddressAndMinute = builder.Configuration.GetValue("SignIn:PerAddressAndMinute", PerAddressAndMinute),
    };
}
