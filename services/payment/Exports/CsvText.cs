using System.Buffers;
using System.Text;
using Marketplace.Payment.Ledger;

namespace Marketplace.Payment.Exports;

/// <summary>
/// The ledger as CSV (RFC 4180, UTF-8): a row for each posting, in entry order, and one row for an entry without postings.
/// What the pay was computed from stands on an entry's first row only, so that columns can be added up. <see cref="CsvColumn"/>
/// says what each column means.
/// </summary>
internal static class CsvText
{
    internal static readonly ExportFormat Format = new()
    {
        Extension = "csv",
        ContentType = "text/csv; charset=utf-8; header=present",
        WriteHead = (output, _) => output.Add(Header),
        WriteEntry = (output, entry, _) => Write(output, entry),
        WriteEnd = (_, _, _) => { },
        WriteSeal = WriteSeal,
    };

    internal static readonly byte[] Header = Encoding.UTF8.GetBytes(string.Join(',', CsvColumn.All.Select(c => c.Name)) + "\r\n");

    private static readonly int AfterKind = CsvColumn.All.Count - 5;

    internal static int Write(IBufferWriter<byte> output, PublicEntry entry)
    {
        if (entry.Postings.Count == 0)
        {
            WriteEntry(output, entry);
            output.Add(","u8).Add(","u8).Add(","u8).Add(","u8).Add(entry.Currency).Add(","u8);
            WriteFacts(output, entry.Pay);
        }

        for (var line = 0; line < entry.Postings.Count; line++)
        {
            var posting = entry.Postings[line];
            WriteEntry(output, entry);
            output.Add(","u8).Add(line + 1).Add(","u8).Add(posting.Account).Add(","u8).AddMoney(posting.AmountMicros)
                .Add(","u8).Add(entry.Currency).Add(","u8).Add(posting.Commitment ?? "");
            WriteFacts(output, line == 0 ? entry.Pay : null);
        }

        return Math.Max(1, entry.Postings.Count);
    }

    /// <summary>A row of kind <c>end</c>, empty but for the last two columns, so that every parser reads it like any other.</summary>
    private static void WriteSeal(IBufferWriter<byte> output, long rows, string sha256)
    {
        output.Add(",,end"u8);
        for (var column = 0; column < AfterKind; column++)
            output.Add(","u8);
        output.Add(","u8).Add(rows).Add(","u8).Add(sha256).Add("\r\n"u8);
    }

    private static void WriteEntry(IBufferWriter<byte> output, PublicEntry entry)
    {
        output.Add(entry.Number).Add(","u8).Add(entry.At).Add(","u8).Add(entry.Kind).Add(","u8);
        if (entry.JobId is { } job)
            output.Add(job);
        output.Add(","u8);
        WriteText(output, entry.JobTitle ?? "");
        output.Add(","u8).Add(entry.Key).Add(","u8);
        if (entry.Corrects is { } corrects)
            output.Add(corrects);
    }

    private static void WriteFacts(IBufferWriter<byte> output, PayFacts? pay)
    {
        if (pay is null)
        {
            output.Add(",,,,,,,,,,,,,,,,,,,,\r\n"u8);
            return;
        }

        output.Add(","u8).Add(EntryWords.End(pay.End)).Add(","u8).Add(pay.TermsVersion).Add(","u8).AddMoney(pay.RewardMicros)
            .Add(","u8).Add(pay.ActiveMs).Add(","u8).Add(pay.UnseenMs).Add(","u8).Add(pay.AllowanceLeftMs)
            .Add(pay.FirstOfJob switch { true => ",true,"u8, false => ",false,"u8, _ => ",,"u8 }).Add(pay.LimitMs).Add(","u8).Add(pay.ReadingMs)
            .Add(","u8).Add(pay.CreditedMs).Add(","u8).AddMoney(pay.FloorMicrosPerHour).Add(","u8).Add(pay.PolicyVersion)
            .Add(","u8).AddMoney(pay.OwedMicros).Add(","u8).AddMoney(pay.TopUpMicros).Add(","u8).AddMoney(pay.PayMicros)
            .Add(","u8).AddMoney(pay.FeeMicros).Add(","u8).AddMoney(pay.LevyMicros)
            .Add(","u8).Add(pay.Facts ?? "").Add(",,\r\n"u8);
    }

    // A spreadsheet runs a cell that starts like a formula, and a title is anybody's text: such a title gets an apostrophe in front.
    private static void WriteText(IBufferWriter<byte> output, string text)
    {
        if (text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r')
            text = "'" + text;
        if (text.AsSpan().IndexOfAny("\",\r\n") < 0)
            output.Add(text);
        else
            output.Add("\""u8).Add(text.Replace("\"", "\"\"", StringComparison.Ordinal)).Add("\""u8);
    }
}
