using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Marketplace.Requester.Tasks;

/// <summary>
/// Rows of a JSON Lines file: one object a line, its values texts, numbers, true, false or null. The first line names the
/// columns; each other line has the same.
/// </summary>
internal sealed class ReadJsonLines : ReadTaskFile
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4 };

    private readonly Lines _lines;
    private readonly Dictionary<string, int> _places;
    private Line _pending;

    private ReadJsonLines(Lines lines, Line first, string[] columns)
        : base(columns, "JSON Lines")
    {
        _lines = lines;
        _pending = first;
        _places = columns.Select((name, i) => (name, i)).ToDictionary(c => c.name, c => c.i, StringComparer.Ordinal);
    }

    internal static async Task<ReadTaskFile> Open(Stream source, int byteOrderMark, CancellationToken cancel)
    {
        var lines = new Lines(source, byteOrderMark);
        var first = await lines.Next(cancel);
        if (first.TooLong || !Utf8.IsValid(first.Bytes))
            throw new TaskFileRefused(new(first.Number, null, first.TooLong ? TooLong : NotUtf8));

        try
        {
            using var row = JsonDocument.Parse(first.Bytes, Strict);
            var names = row.RootElement.EnumerateObject().Select(p => p.Name).ToArray();
            if (names.Length == 0)
                throw new TaskFileRefused(new(first.Number, null, "The first line has no values."));
            return new ReadJsonLines(lines, first, TaskFile.Columns(names, first.Number));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TaskFileRefused(new(first.Number, null, NotJson));
        }
    }

    public override async IAsyncEnumerable<TaskRow> Rows([EnumeratorCancellation] CancellationToken cancel)
    {
        var values = new string[Columns.Length];
        for (var line = _pending; line.Number > 0; line = await _lines.Next(cancel))
        {
            if (Fill(values, line) && Write(line.Number, values) is { } input)
                yield return new(line.Number, input);
        }
    }

    public override ValueTask DisposeAsync() => _lines.DisposeAsync();

    private bool Fill(string[] values, Line line)
    {
        var before = Problems.Count;
        if (line.TooLong || !Utf8.IsValid(line.Bytes))
        {
            Problems.Add(line.Number, null, line.TooLong ? TooLong : NotUtf8);
            return false;
        }

        try
        {
            using var row = JsonDocument.Parse(line.Bytes, Strict);
            if (row.RootElement.ValueKind != JsonValueKind.Object)
                Problems.Add(line.Number, null, NotJson);
            else
                FillFrom(row.RootElement, values, line.Number);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: a text with half of a surrogate pair.
            Problems.Add(line.Number, null, NotJson);
        }

        return Problems.Count == before;
    }

    private void FillFrom(JsonElement row, string[] values, int line)
    {
        Array.Clear(values);
        foreach (var property in row.EnumerateObject())
        {
            if (!_places.TryGetValue(property.Name.Trim(), out var place))
                Problems.Add(line, null, $"The line has a value that the first line does not name: {Shortened(property.Name)}.");
            else if (values[place] is not null)
                Problems.Add(line, property.Name, $"The line has {property.Name} twice.");
            else if ((values[place] = TaskFile.TextOf(property.Value)!) is null)
            {
                Problems.Add(line, property.Name, $"The value of {property.Name} is a list or an object. Write it as a text.");
                return;
            }
        }

        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is null)
            {
                Problems.Add(line, Columns[i], $"The line has no {Columns[i]}, which the first line has.");
                return;
            }
        }
    }

    private static string Shortened(string name) => name.Length <= TaskFile.LongestColumnName ? name : name[..TaskFile.LongestColumnName] + "…";

    private const string NotJson = "The line is not one JSON object, such as {\"text\": \"…\"}.";
    private const string NotUtf8 = "The line is not UTF-8. Save the file as UTF-8.";
    private static readonly string TooLong = $"The line is longer than {4 * TaskFile.MostInputBytes:N0} bytes.";

    private readonly record struct Line(int Number, byte[] Bytes, bool TooLong);

    /// <summary>The lines of a stream that are not blank, none held longer than the most that a line may have.</summary>
    private sealed class Lines(Stream source, int skip) : IAsyncDisposable
    {
        private const int Most = 4 * TaskFile.MostInputBytes;
        private readonly PipeReader _pipe = PipeReader.Create(source, new(bufferSize: 64 * 1024, leaveOpen: true));
        private int _number;
        private bool _skipped;

        public async ValueTask<Line> Next(CancellationToken cancel)
        {
            while (true)
            {
                var line = await ReadLine(cancel);
                if (line.Number == 0 || line.TooLong || line.Bytes.AsSpan().ContainsAnyExcept(" \t\r"u8))
                    return line;
            }
        }

        private async ValueTask<Line> ReadLine(CancellationToken cancel)
        {
            var tooLong = false;
            while (true)
            {
                var read = await _pipe.ReadAsync(cancel);
                var buffer = read.Buffer;
                if (!_skipped)
                {
                    buffer = buffer.Slice(skip);
                    _skipped = true;
                }

                if (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var bytes = tooLong ? [] : buffer.Slice(0, end).ToArray();
                    _pipe.AdvanceTo(buffer.GetPosition(1, end));
                    return new(++_number, bytes, tooLong || bytes.Length > Most);
                }

                if (read.IsCompleted)
                {
                    var rest = tooLong ? [] : buffer.ToArray();
                    _pipe.AdvanceTo(buffer.End);
                    return rest.Length == 0 && !tooLong ? default : new(++_number, rest, tooLong || rest.Length > Most);
                }

                if (tooLong || buffer.Length > Most)
                {
                    // The rest of such a line is read past, not kept.
                    tooLong = true;
                    _pipe.AdvanceTo(buffer.End);
                }
                else
                {
                    _pipe.AdvanceTo(buffer.Start, buffer.End);
                }
            }
        }

        public ValueTask DisposeAsync() => _pipe.CompleteAsync();
    }
}
