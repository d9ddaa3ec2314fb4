using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Requester.Keys;

/// <summary>A program's key. It is shown once; only its SHA-256 is kept, which is enough for 256 random bits.</summary>
internal static class ApiKey
{
    /// <summary>What every key begins with, so that a key in a wrong place is found.</summary>
    public const string Prefix = "mk_";

    /// <summary>How much of a key is kept to tell it from others.</summary>
    public const int Shown = 8;

    /// <summary>The key for 32 random bytes.</summary>
    public static string From(ReadOnlySpan<byte> random) => Prefix + Convert.ToHexStringLower(random);

    public static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
