using System.Globalization;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// A tile's address (C2SP tlog-tiles): <c>tile/L/N[.p/W]</c> for hashes of level <see cref="Level"/>, <c>tile/entries/N[.p/W]</c>
/// for leaves. N is written in groups of three digits, all but the last with an <c>x</c> before it: 1234067 is <c>x001/x234/067</c>.
/// </summary>
/// <param name="Level">0 to 5, or <see cref="Entries"/>.</param>
/// <param name="Index">N, from 0.</param>
/// <param name="Width">Hashes or leaves in it: 256, or fewer at the end of the tree.</param>
internal readonly record struct TilePath(int Level, long Index, int Width)
{
    internal const int Entries = -1;
    internal const int Full = 256;

    /// <summary>A node of one level stands for 2^8 of the level below.</summary>
    internal const int LevelBits = 8;

    /// <summary>The address below <c>/log/</c>.</summary>
    public override string ToString()
    {
        var groups = new Stack<string>();
        groups.Push((Index % 1000).ToString("000", CultureInfo.InvariantCulture));
        for (var rest = Index / 1000; rest > 0; rest /= 1000)
            groups.Push("x" + (rest % 1000).ToString("000", CultureInfo.InvariantCulture));

        var level = Level == Entries ? "entries" : Level.ToString(CultureInfo.InvariantCulture);
        var path = $"tile/{level}/{string.Join('/', groups)}";
        return Width == Full ? path : string.Create(CultureInfo.InvariantCulture, $"{path}.p/{Width}");
    }

    /// <summary>The tile at an address below <c>/log/</c>; null where it is not written exactly as <see cref="ToString"/> would.</summary>
    internal static TilePath? Parse(string path)
    {
        var parts = path.Split('/');
        if (parts.Length < 3 || parts[0] != "tile" || LevelOf(parts[1]) is not { } level)
            return null;

        var width = Full;
        var groups = parts[2..];
        if (groups.Length >= 2 && groups[^2].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!int.TryParse(groups[^1], NumberStyles.None, CultureInfo.InvariantCulture, out width) || width is < 1 or >= Full)
                return null;
            groups = [.. groups[..^2], groups[^2][..^2]];
        }

        var index = 0L;
        foreach (var group in groups)
        {
            if (!int.TryParse(group.AsSpan(group.StartsWith('x') ? 1 : 0), NumberStyles.None, CultureInfo.InvariantCulture, out var digits) || index > long.MaxValue / 1_000_000)
                return null;
            index = (index * 1000) + digits;
        }

        var tile = new TilePath(level, index, width);
        return tile.ToString() == path ? tile : null;
    }

    private static int? LevelOf(string level) => level switch
    {
        "entries" => Entries,
        [>= '0' and <= '5'] => level[0] - '0',
        _ => null,
    };
}
