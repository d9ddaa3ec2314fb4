using System.Globalization;
using System.Net;

namespace Marketplace.Auditor.Log;

/// <summary>Reads a log over HTTP (C2SP tlog-tiles), keeping full tiles in a folder: they never change, so a download that broke off goes on where it was.</summary>
internal sealed class LogClient(HttpClient http, Uri site, string folder)
{
    internal const int TileWidth = 256;

    internal Task<string> Text(string path, CancellationToken cancel) => http.GetStringAsync(new Uri(site, path), cancel);

    /// <summary>The bundle of leaves with this index, of which <paramref name="width"/> are wanted.</summary>
    internal Task<byte[]> Entries(long index, int width, CancellationToken cancel) => Tile("entries", index, width, cancel);

    /// <summary>The leaf hashes of a bundle: to find which leaf is not what was logged.</summary>
    internal Task<byte[]> Hashes(long index, int width, CancellationToken cancel) => Tile("0", index, width, cancel);

    private async Task<byte[]> Tile(string level, long index, int width, CancellationToken cancel)
    {
        var path = $"tile/{level}/{Number(index)}" + (width == TileWidth ? "" : string.Create(CultureInfo.InvariantCulture, $".p/{width}"));
        var file = Path.Combine(folder, path.Replace('/', '-'));
        if (width == TileWidth && File.Exists(file))
            return await File.ReadAllBytesAsync(file, cancel);

        var bytes = await Fetch(new Uri(site, "log/" + path), cancel);
        if (width == TileWidth)
        {
            // Written aside and moved, so that what is there is always whole.
            var aside = $"{file}.{Environment.CurrentManagedThreadId}.part";
            await File.WriteAllBytesAsync(aside, bytes, cancel);
            File.Move(aside, file, overwrite: true);
        }

        return bytes;
    }

    private async Task<byte[]> Fetch(Uri address, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await http.GetByteArrayAsync(address, cancel);
            }
            catch (HttpRequestException e) when (attempt < 5 && e.StatusCode is null or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt), cancel);
            }
        }
    }

    /// <summary>Groups of three digits, all but the last after an x.</summary>
    private static string Number(long index)
    {
        var text = (index % 1000).ToString("D3", CultureInfo.InvariantCulture);
        while ((index /= 1000) > 0)
            text = $"x{(index % 1000).ToString("D3", CultureInfo.InvariantCulture)}/{text}";
        return text;
    }
}
