using System.Text;
using System.Text.Json;
using Marketplace.Requester.Tasks;

namespace Marketplace.UnitTests.Requester;

/// <summary>A file of tasks as it was read.</summary>
internal sealed record Upload(string[] Columns, string Format, IReadOnlyList<(int Line, string Input)> Rows, IReadOnlyList<RowProblem> Problems)
{
    internal static Task<Upload> Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    internal static Task<Upload> Read(byte[] bytes) => Read(new MemoryStream(bytes));

    internal static async Task<Upload> Read(Stream file)
    {
        await using var reader = await ReadTaskFile.Open(file, CancellationToken.None);
        var rows = new List<(int, string)>();
        await foreach (var row in reader.Rows(CancellationToken.None))
            rows.Add((row.Line, Encoding.UTF8.GetString(row.Input.Span)));
        return new(reader.Columns, reader.Format, rows, reader.Problems.First);
    }

    /// <summary>Each row's values with a bar between them.</summary>
    internal IEnumerable<string> Values() =>
        Rows.Select(row => string.Join('|', JsonElement.Parse(row.Input).EnumerateObject().Select(value => value.Value.GetString())));
}

/// <summary>A stream that gives a few bytes at a time, as a slow network does.</summary>
internal sealed class Trickle(byte[] bytes, int chunk) : MemoryStream(bytes)
{
    public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, chunk)]);

    public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, chunk));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        base.ReadAsync(buffer[..Math.Min(buffer.Length, chunk)], cancellationToken);
}
