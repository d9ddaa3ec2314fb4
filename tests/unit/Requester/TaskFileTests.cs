using System.Text;
using Marketplace.Requester.Tasks;

namespace Marketplace.UnitTests.Requester;

public sealed class TaskFileTests
{
    [Theory]
    [InlineData("text,place", ',')]
    [InlineData("text;place", ';')]
    [InlineData("text\tplace", '\t')]
    [InlineData("\"a,b,c\";place", ';')]
    [InlineData("text", ',')]
    public void The_first_line_shows_the_separator(string line, char separator) =>
        Assert.Equal(separator, TaskFile.SeparatorOf(Encoding.UTF8.GetBytes(line)));

    [Theory]
    [InlineData("text,", "Column 2 has no name. Give each column a name in the first line.")]
    [InlineData("text,text", "Two columns are named text. Give each its own name.")]
    public void Columns_have_names_of_their_own(string header, string message)
    {
        var refused = Assert.Throws<TaskFileRefused>(() => TaskFile.Columns(header.Split(','), 1));
        Assert.Equal((1, message), (refused.Problem.Line, refused.Problem.Message));
    }

    [Fact]
    public void Too_many_columns_or_too_long_a_name_are_refused()
    {
        Assert.Equal(100, TaskFile.Columns([.. Enumerable.Range(0, 100).Select(n => $"c{n}")], 1).Length);
        Assert.Throws<TaskFileRefused>(() => TaskFile.Columns([.. Enumerable.Range(0, 101).Select(n => $"c{n}")], 1));
        Assert.Throws<TaskFileRefused>(() => TaskFile.Columns([new string('n', 101)], 1));
    }

    [Fact]
    public async Task A_file_of_rows_becomes_tasks()
    {
        var file = await Upload.Read("text,place\nGood film,Mill Street\n\"Two\nlines, with a comma\",\"a \"\"quote\"\"\"\n");

        Assert.Equal(["text", "place"], file.Columns);
        Assert.Equal("comma, UTF-8", file.Format);
        Assert.Equal((2, """{"text":"Good film","place":"Mill Street"}"""), file.Rows[0]);
        Assert.Equal((3, """{"text":"Two\nlines, with a comma","place":"a \"quote\""}"""), file.Rows[1]);
        Assert.Empty(file.Problems);
    }

    [Fact]
    public async Task Rows_that_cannot_be_posted_are_told_by_line_and_the_rest_stays()
    {
        var file = await Upload.Read("text,place\nfine,here\nonly one\nfine,there,and more\nstill fine,yes\n");

        Assert.Equal([2, 5], file.Rows.Select(row => row.Line));
        Assert.Equal([3, 4], file.Problems.Select(problem => problem.Line));
        Assert.StartsWith("The row has 1 value, the first line names 2 columns.", file.Problems[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData(" \n\n", "The file is empty.")]
    [InlineData("PK\u0003\u0004", "This is a spreadsheet or a zip")]
    [InlineData("%PDF-1.7", "This is a document or an image")]
    [InlineData("{\"a\":", "The line is not one JSON object")]
    [InlineData("{}", "The first line has no values.")]
    public async Task A_file_that_is_none_of_tasks_is_refused_with_a_reason(string text, string reason)
    {
        var refused = await Assert.ThrowsAsync<TaskFileRefused>(() => Upload.Read(text));
        Assert.StartsWith(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_another_encoding_is_refused_or_told_by_line()
    {
        var utf16 = await Assert.ThrowsAsync<TaskFileRefused>(() => Upload.Read([0xff, 0xfe, .. Encoding.Unicode.GetBytes("text\nä\n")]));
        Assert.Equal("The file is UTF-16. Save it as UTF-8.", utf16.Message);

        var latin = await Upload.Read(Encoding.Latin1.GetBytes("text\nfine\nschön\n"));
        Assert.Equal([3], latin.Problems.Select(problem => problem.Line));
        Assert.Single(latin.Rows);

        var marked = await Upload.Read([0xef, 0xbb, 0xbf, .. Encoding.UTF8.GetBytes("text\nschön\n")]);
        Assert.Equal(["text"], marked.Columns);
        Assert.Equal("""{"text":"schön"}""", marked.Rows.Single().Input);
    }

    [Fact]
    public async Task A_row_over_256_KB_is_told_and_an_open_quote_swallows_no_memory()
    {
        var large = await Upload.Read($"text\n{new string('a', TaskFile.MostInputBytes)}\nfine\n");
        Assert.Equal([2], large.Problems.Select(problem => problem.Line));
        Assert.Single(large.Rows);

        var open = await Record.ExceptionAsync(() => Upload.Read($"text\n\"never closed {new string('a', 5 * TaskFile.MostInputBytes)}\nfine\n"));
        Assert.IsType<TaskFileRefused>(open);
    }

    [Fact]
    public async Task JSON_lines_become_tasks_of_texts()
    {
        var file = await Upload.Read("""
            {"text":"Good film","year":1999,"seen":true,"note":null}

            {"note":"by the way","text":"Bad","seen":false,"year":2.50}
            """);

        Assert.Equal("JSON Lines", file.Format);
        Assert.Equal((1, """{"text":"Good film","year":"1999","seen":"true","note":""}"""), file.Rows[0]);
        Assert.Equal((3, """{"text":"Bad","year":"2.50","seen":"false","note":"by the way"}"""), file.Rows[1]);
    }

    [Theory]
    [InlineData("""{"text":["a"]}""", "The value of text is a list or an object.")]
    [InlineData("""{"text":"a","more":"b"}""", "The line has a value that the first line does not name: more.")]
    [InlineData("""{"text":"a","text":"b"}""", "The line has text twice.")]
    [InlineData("{}", "The line has no text, which the first line has.")]
    [InlineData("[1]", "The line is not one JSON object")]
    [InlineData("""{"text":"half""", "The line is not one JSON object")]
    [InlineData("""{"text":"\ud800"}""", "The line is not one JSON object")]
    [InlineData("""{"text":"\u0000"}""", "The column text has a NUL character.")]
    public async Task A_JSON_line_that_cannot_be_posted_says_why(string line, string message)
    {
        var file = await Upload.Read($$"""{"text":"first"}{{"\n"}}{{line}}{{"\n"}}{"text":"last"}""");

        Assert.Equal([1, 3], file.Rows.Select(row => row.Line));
        var problem = Assert.Single(file.Problems);
        Assert.Equal(2, problem.Line);
        Assert.StartsWith(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_written_as_CSV_is_read_back_however_the_bytes_arrive() =>
        Gen.Select(Tables, Gen.OneOf(',', ';', '\t'), Gen.Int[1, 7]).Sample((rows, separator, chunk) =>
        {
            var text = new StringBuilder($"a{separator}b\n");
            foreach (var (a, b) in rows)
                text.Append(Quoted(a)).Append(separator).Append(Quoted(b)).Append('\n');

            var read = Upload.Read(new Trickle(Encoding.UTF8.GetBytes(text.ToString()), chunk)).GetAwaiter().GetResult();
            return read.Problems.Count == 0 && read.Values().SequenceEqual(rows.Select(row => $"{row.Item1}|{row.Item2}"));
        }, iter: 200);

    [Fact]
    public void Whatever_the_bytes_a_file_is_read_or_refused() =>
        Gen.Select(Gen.OneOf(Gen.Byte, Gen.OneOf((byte)',', (byte)'"', (byte)'\n', (byte)'{', (byte)'}', (byte)':', (byte)'a')).Array[0, 60], Gen.Int[1, 9]).Sample((bytes, chunk) =>
        {
            try
            {
                Upload.Read(new Trickle(bytes, chunk)).GetAwaiter().GetResult();
            }
            catch (TaskFileRefused)
            {
                // That is the other answer.
            }
        }, iter: 2000);

    private static readonly Gen<(string, string)[]> Tables =
        Gen.Select(Cells, Cells).Array[1, 5];

    private static Gen<string> Cells =>
        Gen.OneOf("x", "two words", "a,b", "c;d", "tab\tin", "\"", "\"\"", "line\nbreak", "ä€😀", "", "=1+1").Array[0, 3].Select(string.Concat);

    private static string Quoted(string value) => $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
