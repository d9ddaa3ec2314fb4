using System.Buffers;
using System.Text.Json;

namespace Marketplace.Requester.Tasks;

/// <summary>
/// Reads a file of tasks row by row, holding one row at a time: CSV or JSON Lines by what the file begins with. Rows that
/// cannot be posted are left out and told in <see cref="Problems"/>.
/// </summary>
internal abstract class ReadTaskFile(string[] columns, string format) : IAsyncDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);
    private Utf8JsonWriter? _json;

    public string[] Columns { get; } = columns;

    /// <summary>The format in words: "comma, UTF-8" or "JSON Lines".</summary>
    public string Format { get; } = format;

    public RowProblems Problems { get; } = new();

    /// <summary>The rows that can be posted, in order.</summary>
    /// <exception cref="TaskFileRefused">The rest of the file cannot be read.</exception>
    public abstract IAsyncEnumerable<TaskRow> Rows(CancellationToken cancel);

    /// <summary>Looks at the beginning of a file and reads its columns.</summary>
    /// <exception cref="TaskFileRefused">It is no file of tasks.</exception>
    public static async Task<ReadTaskFile> Open(Stream file, CancellationToken cancel)
    {
        var source = new LookAhead(file);
        var start = await source.Peek(cancel);
        if (TaskFile.NotText(start.Span) is { } why)
            throw new TaskFileRefused(new(0, null, why));

        var utf16 = start.Span.StartsWith((ReadOnlySpan<byte>)[0xff, 0xfe]) || start.Span.StartsWith((ReadOnlySpan<byte>)[0xfe, 0xff]);
        if (utf16)
            throw new TaskFileRefused(new(1, null, "The file is UTF-16. Save it as UTF-8."));

        var text = start.Span.StartsWith("\uFEFF"u8) ? start[3..] : start;
        var first = text.Span.TrimStart(" \t\r\n"u8);
        if (first.IsEmpty)
            throw new TaskFileRefused(new(0, null, "The file is empty."));

        return first[0] == '{'
            ? await ReadJsonLines.Open(source, start.Length - text.Length, cancel)
            : await ReadCsv.Open(source, TaskFile.SeparatorOf(FirstLine(first)), cancel);
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>The values, in the order of <see cref="Columns"/>, as one JSON object; null (and a problem) where it is too large.</summary>
    protected ReadOnlyMemory<byte>? Write(int line, ReadOnlySpan<string> values)
    {
        _buffer.ResetWrittenCount();
        _json ??= new(_buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        _json.Reset(_buffer);
        _json.WriteStartObject();
        for (var i = 0; i < Columns.Length; i++)
        {
            if (values[i].Contains('\0'))
            {
                Problems.Add(line, Columns[i], $"The column {Columns[i]} has a NUL character. Remove it.");
                return null;
            }

            _json.WriteString(Columns[i], values[i]);
        }

        _json.WriteEndObject();
        _json.Flush();
        if (_buffer.WrittenCount <= TaskFile.MostInputBytes)
            return _buffer.WrittenMemory;

        Problems.Add(line, null, $"The row has {_buffer.WrittenCount:N0} bytes; one task takes at most {TaskFile.MostInputBytes:N0}.");
        return null;
    }

    private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAny((byte)'\r', (byte)'\n');
        return end < 0 ? text : text[..end];
    }
}
