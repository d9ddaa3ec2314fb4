using Microsoft.AspNetCore.Http.HttpResults;

namespace Marketplace.Requester.Keys;

/// <summary>Serves the description of what programs can ask of all the services: one file, written by hand and compared with what they map by a test.</summary>
internal static class ServeDescription
{
    private static readonly byte[] Description = Read();

    internal static FileContentHttpResult Handle() => TypedResults.File(Description, "application/json");

    internal static byte[] Read()
    {
        using var file = typeof(ServeDescription).Assembly.GetManifestResourceStream("openapi.json")!;
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }
}
