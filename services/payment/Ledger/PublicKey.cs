using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// An entry's natural key as it may be seen: HMAC-SHA-256 (RFC 2104) under the log's secret, so that equal keys can be told from others and
/// nothing else. It is also the order in which entries become public, which therefore says nothing of when they were booked.
/// </summary>
internal static class PublicKey
{
    internal const int Bytes = 32;

    internal static byte[] Of(byte[] secret, string key) => HMACSHA256.HashData(secret, Encoding.UTF8.GetBytes(key));
}
