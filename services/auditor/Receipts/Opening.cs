using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Marketplace.Auditor.Entries;

namespace Marketplace.Auditor.Receipts;

/// <summary>What opens the commitments of one entry: whose it is and, from version 2 on, how the credited time followed. A worker's own receipt begins with it.</summary>
internal sealed record Opening(Guid Worker, string EntryKey, byte[] Salt, string Facts)
{
    internal const string FirstLine = "marketplace/receipt@v1";
    private static readonly string[] Names = ["active", "allowance-left", "first-of-job", "unseen", "wall"];

    /// <exception cref="FormatException">It is not written so.</exception>
    internal static Opening Parse(string text)
    {
        if (text.Split('\n') is not [FirstLine, ['w', 'o', 'r', 'k', 'e', 'r', ' ', .. var worker], ['e', 'n', 't', 'r', 'y', '-', 'k', 'e', 'y', ' ', .. var key], ['s', 'a', 'l', 't', ' ', .. var salt], .. var facts]
            || !Guid.TryParseExact(worker, "D", out var id) || (facts.Length > 0 && facts.Length != Names.Length))
            throw new FormatException("What should open the entry is not written as it should be.");
        var opening = new Opening(id, key, Convert.FromBase64String(salt), string.Concat(facts.Select(line => line + "\n")));
        return opening.Facts.Length == 0 || opening.Time() is not null ? opening : throw new FormatException("The time that was worked is not written as it should be.");
    }

    /// <summary>What the credited time followed from; null where it is not opened.</summary>
    internal TimeFacts? Time()
    {
        var lines = Facts.Split('\n')[..^1];
        var values = new long[Names.Length];
        for (var i = 0; i < Names.Length; i++)
        {
            if (i >= lines.Length || lines[i].Split('=') is not [var name, var value] || name != Names[i]
                || !long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out values[i]) || (value.Length > 1 && value[0] == '0'))
                return null;
        }

        return values[2] > 1 ? null : new(values[0], values[3], values[1], values[2] == 1, values[4]);
    }

    /// <summary>What the public entry says instead of the worker.</summary>
    internal (UInt128 First, UInt128 Second) OfWorker() => Hash([0], [.. Worker.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(EntryKey)]);

    /// <summary>What the public entry says instead of the facts.</summary>
    internal (UInt128 First, UInt128 Second) OfFacts() => Hash([1], Encoding.UTF8.GetBytes(Facts));

    private (UInt128 First, UInt128 Second) Hash(byte[] what, byte[] of)
    {
        var hash = SHA256.HashData([.. Salt, .. what, .. of]);
        return (System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash), System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash.AsSpan(16)));
    }
}
