using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Demo;

/// <summary>A drawing of a circle, a square and a triangle side by side, as a PNG, and which of them is the largest.</summary>
internal sealed record Picture(byte[] Png, string Largest)
{
    internal static readonly string[] Shapes = ["circle", "square", "triangle"];

    private const int Width = 360;
    private const int Height = 150;

    /// <summary>Points looked at in each pixel, along each side, so that edges come out smooth.</summary>
    private const int Samples = 4;

    private static readonly (byte R, byte G, byte B) Paper = (250, 248, 243);

    private static readonly (byte R, byte G, byte B)[] Inks =
        [(196, 78, 62), (52, 106, 160), (222, 164, 50), (74, 136, 92), (122, 88, 150), (60, 64, 72)];

    /// <summary>Where the marketplace serves a picture: under the hash of its content.</summary>
    internal static string Address(byte[] png) => "/media/" + Convert.ToHexStringLower(SHA256.HashData(png));

    /// <summary>The same drawing for the same seed.</summary>
    internal static Picture Draw(int seed)
    {
        var random = new Random(seed);
        var largest = Shapes[random.Next(Shapes.Length)];
        var area = 3000 + (random.NextDouble() * 1200);
        var order = Shapes.ToArray();
        var inks = Inks.ToArray();
        random.Shuffle(order);
        random.Shuffle(inks);
        var drawn = order.Select((shape, column) => new Drawn(
            shape,
            (Width * (column + 0.5) / order.Length) + random.Next(-6, 7),
            (Height / 2.0) + random.Next(-16, 17),
            shape == largest ? area : area * (0.5 + (random.NextDouble() * 0.25)),
            inks[column])).ToArray();
        return new(Encode(drawn), largest);
    }

    /// <summary>A shape by its middle and its area in pixels.</summary>
    private sealed record Drawn(string Shape, double X, double Y, double Area, (byte R, byte G, byte B) Ink)
    {
        internal bool Covers(double x, double y)
        {
            var (dx, dy) = (x - X, y - Y);
            switch (Shape)
            {
                case "circle":
                    return (dx * dx) + (dy * dy) <= Area / Math.PI;
                case "square":
                    var half = Math.Sqrt(Area) / 2;
                    return Math.Abs(dx) <= half && Math.Abs(dy) <= half;
                default:
                    // Equilateral, its middle at two thirds of its height.
                    var side = Math.Sqrt(Area * 4 / Math.Sqrt(3));
                    var height = side * Math.Sqrt(3) / 2;
                    var fromTop = dy + (height * 2 / 3);
                    return fromTop >= 0 && fromTop <= height && Math.Abs(dx) <= fromTop / height * side / 2;
            }
        }
    }

    /// <summary>A PNG of 8-bit RGB without filters (W3C PNG, 2003).</summary>
    private static byte[] Encode(Drawn[] shapes)
    {
        using var rows = new MemoryStream();
        using (var zlib = new ZLibStream(rows, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var y = 0; y < Height; y++)
            {
                zlib.WriteByte(0);
                for (var x = 0; x < Width; x++)
                    zlib.Write(Pixel(shapes, x, y));
            }
        }

        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[9]) = (8, 2);

        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]);
        WriteChunk(png, "IHDR", header);
        WriteChunk(png, "IDAT", rows.ToArray());
        WriteChunk(png, "IEND", []);
        return png.ToArray();
    }

    private static byte[] Pixel(Drawn[] shapes, int x, int y)
    {
        var (r, g, b) = (0, 0, 0);
        for (var sample = 0; sample < Samples * Samples; sample++)
        {
            var (px, py) = (x + (((sample % Samples) + 0.5) / Samples), y + (((sample / Samples) + 0.5) / Samples));
            var ink = Array.Find(shapes, s => s.Covers(px, py))?.Ink ?? Paper;
            (r, g, b) = (r + ink.R, g + ink.G, b + ink.B);
        }

        const int All = Samples * Samples;
        return [(byte)(r / All), (byte)(g / All), (byte)(b / All)];
    }

    private static void WriteChunk(Stream png, string type, byte[] data)
    {
        var chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), Crc32(chunk.AsSpan(4, data.Length + 4)));
        png.Write(chunk);
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xedb88320;
        }

        return ~crc;
    }
}
