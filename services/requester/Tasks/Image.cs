namespace Marketplace.Requester.Tasks;

/// <summary>The rules for pictures: what is one, by its first bytes, and what a file in a zip may be called.</summary>
internal static class Image
{
    /// <summary>The most bytes of one picture: 5 MB.</summary>
    public const int MostBytes = 5_000_000;

    /// <summary>The most bytes of all pictures of a zip, unpacked: a small zip may unpack to a huge one.</summary>
    public const long MostBytesOfAll = 500_000_000;

    public const int MostInZip = 20_000;
    public const int LongestName = 300;

    /// <summary>The type of a picture by its first bytes, whatever its name says; null where it is none of the four that are shown.</summary>
    public static string? TypeOf(ReadOnlySpan<byte> content)
    {
        if (content.Length > 24 && content.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]) && content[12..16].SequenceEqual("IHDR"u8))
            return "image/png";
        if (content.Length > 10 && content.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff]))
            return "image/jpeg";
        if (content.Length > 10 && (content.StartsWith("GIF87a"u8) || content.StartsWith("GIF89a"u8)))
            return "image/gif";
        if (content.Length > 16 && content.StartsWith("RIFF"u8) && content[8..12].SequenceEqual("WEBP"u8))
            return "image/webp";
        return null;
    }

    /// <summary>Whether a file of a zip can be named so: a relative path that leads nowhere else.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName
        && name[0] != '/'
        && !name.Contains('\\')
        && !name.Contains(':')
        && !name.Any(char.IsControl)
        && !name.Split('/').Any(part => part is "" or "." or "..");

    /// <summary>What systems add to a zip by themselves.</summary>
    public static bool IsLitter(string name) =>
        name.EndsWith('/') || name.StartsWith("__MACOSX/", StringComparison.Ordinal)
        || name.Split('/')[^1] is ".DS_Store" or "Thumbs.db" or "desktop.ini";

    /// <summary>The folder that all files of a zip lie in, with its slash; empty where there is none. Zipping a folder adds it to every name.</summary>
    public static string CommonFolder(IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
            return "";
        var slash = names.First().IndexOf('/', StringComparison.Ordinal);
        var folder = slash < 0 ? "" : names.First()[..(slash + 1)];
        return names.All(name => name.StartsWith(folder, StringComparison.Ordinal)) ? folder : "";
    }
}
