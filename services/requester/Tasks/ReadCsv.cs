using System.Runtime.CompilerServices;
using System.Text.Unicode;
using CsvHelper;

namespace Marketplace.Requester.Tasks;

/// <summary>Rows of a CSV file: each must have as many values as the header has names, and be UTF-8.</summary>
internal sealed class ReadCsv : ReadTaskFile
{
    private const string NotUtf8 = "The row is not UTF-8. Save the file as UTF-8 (in a spreadsheet: “CSV UTF-8”).";

    private readonly CsvReader _csv;
    private readonly List<CsvMalformedRecord> _malformed;

    private ReadCsv(CsvReader csv, List<CsvMalformedRecord> malformed, string[] columns, char separator)
        : base(columns, $"{TaskFile.NameOf(separator)}, UTF-8")
    {
        _csv = csv;
        _malformed = malformed;
    }

    internal static async Task<ReadTaskFile> Open(Stream source, char separator, CancellationToken cancel)
    {
        var malformed = new List<CsvMalformedRecord>();
        var csv = CsvReader.Create(source, new CsvReaderOptions
        {
            Separator = separator,
            HasHeader = false,
            DetectSeparatorHint = false,
            TrackLineNumbers = true,
            MaxRecordSize = 4 * TaskFile.MostInputBytes,
            MalformedData = CsvMalformedDataHandling.Skip,
            OnMalformedRecord = malformed.Add,
        });
        try
        {
            if (!await csv.ReadAsync(cancel) || malformed.Count > 0)
            {
                throw new TaskFileRefused(new(
                    (int)(malformed.Count > 0 ? malformed[0].LineNumber : 1), null,
                    malformed.Count > 0 ? WhatIsWrong(malformed[0]) : "The file has no line with the columns’ names."));
            }

            var line = (int)csv.LineNumber;
            if (!Utf8.IsValid(csv.RawRecord))
                throw new TaskFileRefused(new(line, null, "The line with the columns’ names is not UTF-8. Save the file as UTF-8."));

            var header = new string[csv.FieldCount];
            for (var i = 0; i < header.Length; i++)
                header[i] = csv.GetString(i);
            return new ReadCsv(csv, malformed, TaskFile.Columns(header, line), separator);
        }
        catch (CsvFormatException e)
        {
            await csv.DisposeAsync();
            throw Refused(e);
        }
        catch (TaskFileRefused)
        {
            await csv.DisposeAsync();
            throw;
        }
    }

    public override async IAsyncEnumerable<TaskRow> Rows([EnumeratorCancellation] CancellationToken cancel)
    {
        var values = new string[Columns.Length];
        while (await Next(cancel))
        {
            var line = (int)_csv.LineNumber;
            if (Fill(values, line) && Write(line, values) is { } input)
                yield return new(line, input);
        }
    }

    public override ValueTask DisposeAsync() => _csv.DisposeAsync();

    private async ValueTask<bool> Next(CancellationToken cancel)
    {
        try
        {
            var any = await _csv.ReadAsync(cancel);
            foreach (var record in _malformed)
                Problems.Add((int)record.LineNumber, null, WhatIsWrong(record));
            _malformed.Clear();
            return any;
        }
        catch (CsvFormatException e)
        {
            throw Refused(e);
        }
    }

    private bool Fill(string[] values, int line)
    {
        if (!Utf8.IsValid(_csv.RawRecord))
        {
            Problems.Add(line, null, NotUtf8);
            return false;
        }

        if (_csv.FieldCount != values.Length)
        {
            Problems.Add(
                line, null,
                $"The row has {Counted(_csv.FieldCount, "value")}, the first line names {Counted(values.Length, "column")}. Put a value that has the separator in it between double quotes.");
            return false;
        }

        for (var i = 0; i < values.Length; i++)
            values[i] = _csv.GetString(i);
        return true;
    }

    private static string Counted(int n, string what) => n == 1 ? $"1 {what}" : $"{n} {what}s";

    private static TaskFileRefused Refused(CsvFormatException e) => new(new(
        (int)e.LineNumber, null,
        $"The row that begins here is longer than {4 * TaskFile.MostInputBytes:N0} bytes. Is a double quote left open?"));

    private static string WhatIsWrong(CsvMalformedRecord record) => record.Reason switch
    {
        CsvMalformedReason.UnterminatedQuote => "A double quote is opened here and never closed.",
        CsvMalformedReason.TextAfterClosingQuote => "There is text after a closing double quote. Write a quote inside quotes twice.",
        _ => "There is a double quote inside a value. Put the value between double quotes and write the quote twice.",
    };
}
