using System.Buffers;
using System.Globalization;
using System.Net;

namespace Marketplace.Auditor.Log;

/// <summary>
/// Reads a log (C2SP tlog-tiles) over HTTP or from a folder, keeping full tiles: they never change, so a download that broke off
/// goes on where it was.
/// </summary>
/// <param name="http">For a log that is served.</param>
/// <param name="site">The marketplace's address, with a slash at its end.</param>
/// <param name="folder">Where tiles are kept; null keeps none.</param>
internal sealed class LogClient(HttpClient http, Uri site, string? folder)
{
    internal const int TileWidth = 256;
    private int _kept;

    /// <summary>Whether anything came from what was kept, and not from the log.</summary>
    internal bool UsedWhatWasKept => _kept > 0;

    internal async Task<string> Text(string path, CancellationToken cancel) => site.IsFile
        ? await File.ReadAllTextAsync(new Uri(site, path.Split('?')[0]).LocalPath, cancel)
        : await http.GetStringAsync(new Uri(site, path), cancel);

    /// <summary>The bundle of leaves with this index, of which <paramref name="width"/> are wanted. The caller gives it back.</summary>
    internal Task<PooledBytes> Entries(long index, int width, CancellationToken cancel) => Tile("entries", index, width, cancel);

    /// <summary>A tile of hashes: at level 0 those of a bundle's leaves.</summary>
    internal async Task<byte[]> Hashes(int level, long index, int width, CancellationToken cancel)
    {
        using var tile = await Tile(level.ToString(CultureInfo.InvariantCulture), index, width, cancel);
        return tile.Span.ToArray();
    }

    /// <summary>Deletes what was kept from this bundle on, so that it is fetched again.</summary>
    internal void Forget(long firstBundle = 0)
    {
        foreach (var file in folder is null ? [] : Directory.EnumerateFiles(folder, "tile-*"))
        {
            if (IndexIn(Path.GetFileName(file)) is not { } index || index >= firstBundle)
                File.Delete(file);
        }

        _kept = 0;
    }

    /// <summary>The index of the tile that is kept under this name; null of one that was not whole yet.</summary>
    private static long? IndexIn(string name) =>
        long.TryParse(string.Concat(name.Split('-').Skip(2)).Replace("x", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    private async Task<PooledBytes> Tile(string level, long index, int width, CancellationToken cancel)
    {
        var path = $"tile/{level}/{Number(index)}" + (width == TileWidth ? "" : string.Create(CultureInfo.InvariantCulture, $".p/{width}"));
        var address = new Uri(site, "log/" + path);
        if (site.IsFile)
            return PooledBytes.OfFile(address.LocalPath);

        var file = width == TileWidth && folder is not null ? Path.Combine(folder, path.Replace('/', '-')) : null;
        if (file is not null && File.Exists(file))
        {
            Interlocked.Increment(ref _kept);
            return PooledBytes.OfFile(file);
        }

        var bytes = await Fetch(address, cancel);
        if (file is not null)
        {
            // Written aside and moved, so that what is there is always whole.
            var aside = $"{file}.{Path.GetRandomFileName()}.part";
            await File.WriteAllBytesAsync(aside, bytes.Memory, cancel);
            File.Move(aside, file, overwrite: true);
        }

        return bytes;
    }

    private async Task<PooledBytes> Fetch(Uri address, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var response = await http.GetAsync(address, cancel);
                response.EnsureSuccessStatusCode();
                return await PooledBytes.Of(response.Content, cancel);
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

/// <summary>Bytes in a buffer that is used again and again: a million entries are four thousand bundles.</summary>
internal sealed class PooledBytes(byte[] buffer, int length) : IDisposable
{
    internal Span<byte> Span => buffer.AsSpan(0, length);

    internal ReadOnlyMemory<byte> Memory => buffer.AsMemory(0, length);

    internal static PooledBytes OfFile(string path)
    {
        using var file = File.OpenHandle(path);
        var length = checked((int)RandomAccess.GetLength(file));
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        var read = 0;
        while (read < length && RandomAccess.Read(file, buffer.AsSpan(read, length - read), read) is > 0 and var more)
            read += more;
        return new(buffer, read);
    }

    internal static async Task<PooledBytes> Of(HttpContent content, CancellationToken cancel)
    {
        await using var stream = await content.ReadAsStreamAsync(cancel);
        var buffer = ArrayPool<byte>.Shared.Rent((int)(content.Headers.ContentLength ?? 128 * 1024));
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(2 * length);
                buffer.CopyTo(larger, 0);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }

            var read = await stream.ReadAsync(buffer.AsMemory(length), cancel);
            if (read == 0)
                return new(buffer, length);
            length += read;
        }
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);
}
