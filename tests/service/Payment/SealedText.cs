using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Marketplace.ServiceTests.Payment;

/// <summary>A download with its last line: how many rows it says there are, and the SHA-256 of all before.</summary>
internal static partial class SealedText
{
    /// <summary>The text, once its last line is shown to be true.</summary>
    internal static string Checked(byte[] file)
    {
        Assert.Equal((byte)'\n', file[^1]);
        var end = file.AsSpan(0, file.Length - 1).LastIndexOf((byte)'\n') + 1;
        Assert.Equal(Last(Encoding.UTF8.GetString(file)).Sha256, Convert.ToHexStringLower(SHA256.HashData(file.AsSpan(0, end))));
        return Encoding.UTF8.GetString(file);
    }

    internal static long Rows(string text) => Last(text).Rows;

    private static (long Rows, string Sha256) Last(string text)
    {
        var match = Pattern().Match(text.TrimEnd().Split('\n')[^1]);
        Assert.True(match.Success, "The download has no last line.");
        return (long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Groups[2].Value);
    }

    // ; rows 7 sha256 ab…   {"end":{"rows":7,"sha256":"ab…"}}   ,,end,,…,7,ab…
    [GeneratedRegex("""^(?:; rows |{"end":{"rows":|,,end,{28})(\d+)(?: sha256 |,"sha256":"|,)([0-9a-f]{64})(?:"}})?$""")]
    private static partial Regex Pattern();
}
