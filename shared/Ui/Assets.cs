using System.IO.Compression;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Marketplace.Ui;

/// <summary>
/// Style sheets, scripts and images that are embedded in assemblies as <c>asset/NAME</c>. Their address carries a hash of
/// their content, so that a browser may keep them for ever, and they travel compressed.
/// </summary>
public sealed class Assets
{
    private const string Mark = "asset/";
    private readonly Dictionary<string, Asset> _byName = [];

    /// <summary>The address of an asset, with the hash of its content.</summary>
    /// <exception cref="KeyNotFoundException">No assembly of this service carries it.</exception>
    public string Url(string name) => _byName[name].Url;

    /// <summary>Takes in all assets of an assembly, to be served under a path.</summary>
    internal IEnumerable<Asset> Add(string path, Assembly assembly)
    {
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Mark, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var content = new MemoryStream();
            stream.CopyTo(content);
            var name = resource[Mark.Length..];
            var asset = new Asset($"{path}/{name}", content.ToArray());
            _byName.Add(name, asset);
            yield return asset;
        }
    }
}

/// <summary>One file served to browsers.</summary>
internal sealed class Asset(string path, byte[] content)
{
    private readonly string _hash = Convert.ToHexStringLower(SHA256.HashData(content))[..12];
    private readonly Lazy<byte[]> _brotli = new(() => Compress(content, s => new BrotliStream(s, CompressionLevel.SmallestSize)));
    private readonly Lazy<byte[]> _gzip = new(() => Compress(content, s => new GZipStream(s, CompressionLevel.SmallestSize)));

    internal string Path => path;

    internal string Url => $"{path}?v={_hash}";

    internal async Task Serve(HttpContext http)
    {
        var headers = http.Response.GetTypedHeaders();
        var (encoding, body) = Accepted(http.Request);
        var tag = new EntityTagHeaderValue($"\"{_hash}-{encoding ?? "id"}\"");
        headers.ETag = tag;
        http.Response.Headers.Vary = "Accept-Encoding";
        // Another version is asked for while services are being replaced: give ours, for now.
        http.Response.Headers.CacheControl = http.Request.Query["v"] == _hash ? "public, max-age=31536000, immutable" : "no-cache";
        if (http.Request.GetTypedHeaders().IfNoneMatch.Any(t => t.Compare(tag, useStrongComparison: false)))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        http.Response.ContentType = ContentType();
        http.Response.ContentLength = body.Length;
        if (encoding is not null)
            http.Response.Headers.ContentEncoding = encoding;
        if (!HttpMethods.IsHead(http.Request.Method))
            await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }

    private (string? Encoding, byte[] Body) Accepted(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().AcceptEncoding.Where(e => e.Quality is not 0).Select(e => e.Value.Value).ToList();
        return accepted.Contains("br") ? ("br", _brotli.Value) : accepted.Contains("gzip") ? ("gzip", _gzip.Value) : (null, content);
    }

    private string ContentType() => System.IO.Path.GetExtension(path) switch
    {
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        _ => "application/octet-stream",
    };

    private static byte[] Compress(byte[] content, Func<Stream, Stream> compressor)
    {
        using var result = new MemoryStream();
        using (var stream = compressor(result))
            stream.Write(content);
        return result.ToArray();
    }
}
