using System.Buffers;
using Marketplace.Payment.Ledger;

namespace Marketplace.Payment.Exports;

/// <summary>
/// The ledger as a beancount file that its pedantic plugin accepts: only accounts that are used are opened, the parts of their
/// names start with capitals, each entry has a link of its own (or equal payments of a day would count as one). A month starts
/// with the balances of the day before; the day after the last entry asserts every balance, to the millionth.
/// </summary>
internal static class BeancountText
{
    internal static readonly ExportFormat Format = new()
    {
        Extension = "beancount",
        ContentType = "text/plain; charset=utf-8",
        WriteHead = WriteHead,
        WriteEntry = Write,
        WriteEnd = WriteBalances,
        WriteSeal = Seal.WriteComment,
    };

    internal static void WriteHead(IBufferWriter<byte> output, ExportedPart part)
    {
        var opened = part.Month is null ? part.FirstDay : part.FirstDay.AddDays(-1);
        output.Add("; "u8).Add(Utf8Text.OneLine(part.Title)).Add("\n"u8).Add(Seal.Explained);
        output.Add("\noption \"title\" "u8);
        WriteString(output, part.Title);
        output.Add("\noption \"operating_currency\" \""u8).Add(part.Currency)
            .Add("\"\nplugin \"beancount.plugins.pedantic\"\n\n"u8).Add(opened).Add(" commodity "u8).Add(part.Currency).Add("\n"u8);
        foreach (var account in part.Accounts)
            output.Add(opened).Add(" open "u8).AddAccount(account.Name).Add(" "u8).Add(part.Currency).Add("\n"u8);
        output.Add("\n"u8);
        if (!part.Opening.Any())
            return;

        output.Add(opened).Add(" * \"Balances before entry "u8).Add(part.FirstNumber).Add("\" ^before-"u8).Add(part.FirstNumber).Add("\n"u8);
        foreach (var account in part.Opening)
            WritePosting(output, account.Name, account.OpeningMicros, part.Currency);
        output.Add("\n"u8);
    }

    internal static int Write(IBufferWriter<byte> output, PublicEntry entry, DateOnly day)
    {
        output.Add(day).Add(" * "u8);
        if (entry.JobTitle is { } title)
        {
            WriteString(output, title);
            output.Add(" "u8);
        }

        output.Add("\""u8).Add(EntryWords.Plain(entry.Kind)).Add("\" ^entry-"u8).Add(entry.Number).Add("\n  key: \""u8).Add(entry.Key).Add("\"\n"u8);
        if (entry.Pay is { } pay)
            output.Add("  credited-ms: "u8).Add(pay.CreditedMs).Add("\n  end: \""u8).Add(EntryWords.End(pay.End)).Add("\"\n  policy: "u8).Add(pay.PolicyVersion).Add("\n"u8);
        if (entry.Corrects is { } corrects)
            output.Add("  corrects: "u8).Add(corrects).Add("\n"u8);
        foreach (var posting in entry.Postings)
        {
            WritePosting(output, posting.Account, posting.AmountMicros, entry.Currency);
            if (posting.Commitment is { } commitment)
                output.Add("    commitment: \""u8).Add(commitment).Add("\"\n"u8);
        }

        output.Add("\n"u8);
        return 1;
    }

    /// <summary>A balance is asserted for the beginning of its day. Without the tolerance of 0, beancount lets a millionth pass.</summary>
    internal static void WriteBalances(IBufferWriter<byte> output, ExportedPart part, DateOnly day)
    {
        foreach (var account in part.Accounts)
            output.Add(day.AddDays(1)).Add(" balance "u8).AddAccount(account.Name).Add("  "u8).AddMoney(account.ClosingMicros).Add(" ~ 0.000000 "u8).Add(part.Currency).Add("\n"u8);
        output.Add("\n"u8);
    }

    private static void WritePosting(IBufferWriter<byte> output, string account, long micros, string currency) =>
        output.Add("  "u8).AddAccount(account).Add("  "u8).AddMoney(micros).Add(" "u8).Add(currency).Add("\n"u8);

    /// <summary><c>liabilities:workers:in-transit</c> is <c>Liabilities:Workers:In-transit</c>; ids are in small letters everywhere, so no two names become one.</summary>
    private static IBufferWriter<byte> AddAccount(this IBufferWriter<byte> output, string name)
    {
        var start = true;
        foreach (var letter in name)
        {
            output.GetSpan(1)[0] = (byte)(start ? char.ToUpperInvariant(letter) : letter);
            output.Advance(1);
            start = letter == ':';
        }

        return output;
    }

    private static void WriteString(IBufferWriter<byte> output, string text) =>
        output.Add("\""u8).Add(Utf8Text.OneLine(text).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Add("\""u8);
}
