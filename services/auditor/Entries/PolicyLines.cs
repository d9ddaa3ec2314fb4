using System.Globalization;
using System.Text;

namespace Marketplace.Auditor.Entries;

/// <summary>
/// The leaf of an adopted policy, version 2: one line <c>name=value</c> for each parameter, sorted by name. A later parameter only adds
/// a line: names that are not known here are kept and allowed.
/// </summary>
internal static class PolicyLines
{
    /// <summary>Reads the lines.</summary>
    /// <exception cref="FormatException">They are not written so, or one that decides about money is missing.</exception>
    internal static PolicyFacts Read(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[^1] != (byte)'\n' || text.ContainsAnyExceptInRange((byte)'\n', (byte)'~'))
            throw new FormatException("A policy is lines of name=value.");

        var parameters = new Dictionary<string, string>();
        var before = "";
        foreach (var line in Encoding.ASCII.GetString(text[..^1]).Split('\n'))
        {
            if (line.Split('=') is not [{ Length: > 0 } name, var value] || !name.All(char.IsAsciiLetterOrDigit) || !IsDecimal(value))
                throw new FormatException($"'{line}' is no line of a policy.");
            if (string.CompareOrdinal(name, before) <= 0)
                throw new FormatException($"The policy's '{name}' does not come after '{before}'.");
            parameters[before = name] = value;
        }

        return new(
            (int)Of("version", int.MaxValue), Of("floorMicrosPerHour"), (int)Of("feeBps", int.MaxValue), (int)Of("levyBps", int.MaxValue), Of("graceMs"))
        {
            Parameters = parameters,
        };

        long Of(string name, long most = long.MaxValue) =>
            !parameters.TryGetValue(name, out var value) ? throw new FormatException($"The policy does not say its '{name}'.")
            : long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number
            : throw new FormatException($"The policy's '{name}' is '{value}'.");
    }

    /// <summary>Digits without leading zeros, a minus before them where need be.</summary>
    private static bool IsDecimal(string value) =>
        value.TrimStart('-') is { Length: > 0 } digits && digits.Length >= value.Length - 1 && digits.All(char.IsAsciiDigit)
        && (digits[0] != '0' || digits.Length == 1) && value != "-0";
}
