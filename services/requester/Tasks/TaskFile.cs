using System.Text.Json;

namespace Marketplace.Requester.Tasks;

/// <summary>What is wrong with a file of tasks, where.</summary>
/// <param name="Line">The line of the file, counted from 1; 0 where the file as a whole is meant.</param>
/// <param name="Column">The column, where one is meant.</param>
/// <param name="Message">What is wrong and what to do, in a sentence.</param>
internal sealed record RowProblem(int Line, string? Column, string Message);

/// <summary>One row that can be posted: where it begins in the file, and its values as one JSON object in UTF-8.</summary>
internal readonly record struct TaskRow(int Line, ReadOnlyMemory<byte> Input);

/// <summary>A file that cannot be read as tasks at all; what was uploaded before it stays.</summary>
internal sealed class TaskFileRefused(RowProblem problem) : Exception(problem.Message)
{
    /// <summary>Why, and at which line.</summary>
    public RowProblem Problem { get; } = problem;
}

/// <summary>How a file of tasks is written.</summary>
internal enum TaskFileFormat
{
    /// <summary>Rows of values with a header; the separator is a comma, a semicolon or a tab.</summary>
    Csv = 1,

    /// <summary>One JSON object a line.</summary>
    JsonLines = 2,
}

/// <summary>
/// The rules for a file of tasks: its limits, its columns, and how a row becomes a task's input (an object of texts).
/// </summary>
internal static class TaskFile
{
    /// <summary>The most bytes of an upload: 100 MB.</summary>
    public const long MostBytes = 100_000_000;

    /// <summary>The most bytes of one task's input as JSON: 256 KB.</summary>
    public const int MostInputBytes = 256 * 1024;

    public const int MostRows = 1_000_000;
    public const int MostColumns = 100;
    public const int LongestColumnName = 100;

    /// <summary>How many problems are kept to be shown; the rest are counted.</summary>
    public const int MostProblemsShown = 100;

    /// <summary>The separator of a CSV file: whichever of comma, semicolon and tab its first line has most of outside quotes.</summary>
    public static char SeparatorOf(ReadOnlySpan<byte> firstLine)
    {
        var (comma, semicolon, tab, quoted) = (0, 0, 0, false);
        foreach (var b in firstLine)
        {
            if (b == '"')
                quoted = !quoted;
            else if (!quoted && b == ',')
                comma++;
            else if (!quoted && b == ';')
                semicolon++;
            else if (!quoted && b == '\t')
                tab++;
        }

        return tab > comma && tab > semicolon ? '\t' : semicolon > comma ? ';' : ',';
    }

    /// <summary>What a person calls a separator.</summary>
    public static string NameOf(char separator) => separator switch
    {
        ';' => "semicolon",
        '\t' => "tab",
        _ => "comma",
    };

    /// <summary>The columns of a file, or why it has none that can be used.</summary>
    /// <exception cref="TaskFileRefused">A name is empty, used twice or too long, or there are too many.</exception>
    public static string[] Columns(IReadOnlyList<string> header, int line)
    {
        if (header.Count > MostColumns)
            throw new TaskFileRefused(new(line, null, $"The first line names {header.Count} columns; at most {MostColumns} can be read."));

        var columns = new string[header.Count];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < columns.Length; i++)
        {
            var name = header[i].Trim();
            if (name.Length == 0)
                throw new TaskFileRefused(new(line, null, $"Column {i + 1} has no name. Give each column a name in the first line."));
            if (name.Length > LongestColumnName || name.Contains('\0'))
                throw new TaskFileRefused(new(line, null, $"The name of column {i + 1} is longer than {LongestColumnName} letters or has a NUL. Is the first line the header?"));
            if (!seen.Add(name))
                throw new TaskFileRefused(new(line, name, $"Two columns are named {name}. Give each its own name."));
            columns[i] = name;
        }

        return columns;
    }

    /// <summary>Why a file that begins like this is no file of tasks, or null where it may be one.</summary>
    public static string? NotText(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("PK"u8))
            return "This is a spreadsheet or a zip, not CSV or JSON Lines. Save the sheet as CSV (UTF-8); upload images as a zip beside it.";
        if (start.StartsWith("%PDF"u8) || start.StartsWith("\x89PNG"u8) || start.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff]) || start.StartsWith("GIF8"u8))
            return "This is a document or an image, not CSV or JSON Lines.";
        return null;
    }

    /// <summary>A value of a JSON line as a task's text, or null where it is neither a text, a number, true, false nor null.</summary>
    public static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        JsonValueKind.Null => "",
        _ => null,
    };
}

/// <summary>The problems met while a file is read: the first are kept, all are counted.</summary>
internal sealed class RowProblems
{
    private readonly List<RowProblem> _first = [];

    public IReadOnlyList<RowProblem> First => _first;

    public int Count { get; private set; }

    public void Add(int line, string? column, string message)
    {
        Count++;
        if (_first.Count < TaskFile.MostProblemsShown)
            _first.Add(new(line, column, message));
    }
}
