using System.Globalization;

namespace Marketplace.Payment.Transparency;

/// <summary>What a log commits to (C2SP tlog-checkpoint): its origin, how many leaves it has, and their root.</summary>
internal sealed record Checkpoint(string Origin, long Size, byte[] Root)
{
    /// <summary>The text that is signed: three lines.</summary>
    internal string Text => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Convert.ToBase64String(Root)}\n");

    /// <summary>The checkpoint in a note's text, or null where it is none. Lines after the third are extensions and ignored.</summary>
    internal static Checkpoint? Parse(string text)
    {
        var lines = text.Split('\n');
        if (lines.Length < 4 || lines[0].Length == 0)
            return null;
        if (!long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            || (lines[1].Length > 1 && lines[1][0] == '0'))
            return null;

        var root = new byte[Merkle.HashBytes + 2];
        return Convert.TryFromBase64String(lines[2], root, out var length) && length == Merkle.HashBytes
            ? new(lines[0], size, root[..length])
            : null;
    }
}
