using System.Buffers;
using Marketplace.Payment.Ledger;

namespace Marketplace.Payment.Exports;

/// <summary>
/// The ledger as an hledger journal: the commodity and every account declared, entries in number order on days that never
/// go back, six decimals. A month starts with a transaction of the balances before it; at the end a transaction asserts every
/// balance, so that the reader's own tool proves the sums.
/// </summary>
internal static class JournalText
{
    internal static readonly ExportFormat Format = new()
    {
        Extension = "journal",
        ContentType = "text/plain; charset=utf-8",
        WriteHead = WriteHead,
        WriteEntry = Write,
        WriteEnd = WriteBalances,
        WriteSeal = Seal.WriteComment,
    };

    internal static void WriteHead(IBufferWriter<byte> output, ExportedPart part)
    {
        output.Add("; "u8).Add(OneLine(part.Title)).Add("\n"u8).Add(Seal.Explained);
        output.Add("\ncommodity 1000.000000 "u8).Add(part.Currency).Add("\n\n"u8);
        foreach (var account in part.Accounts)
            output.Add("account "u8).Add(account.Name).Add("\n"u8);
        output.Add("\n"u8);
        if (!part.Opening.Any())
            return;

        output.Add(part.FirstDay).Add(" Balances before entry "u8).Add(part.FirstNumber).Add("\n"u8);
        foreach (var account in part.Opening)
        {
            WritePosting(output, account.Name, account.OpeningMicros, part.Currency);
            output.Add(" = "u8).AddMoney(account.OpeningMicros).Add(" "u8).Add(part.Currency).Add("\n"u8);
        }

        output.Add("\n"u8);
    }

    internal static int Write(IBufferWriter<byte> output, PublicEntry entry, DateOnly day)
    {
        output.Add(day).Add(" ("u8).Add(entry.Number).Add(") "u8).Add(EntryWords.Plain(entry.Kind));
        if (entry.JobTitle is { } title)
            output.Add(" | "u8).Add(OneLine(title));
        output.Add("  ; key:"u8).Add(entry.Key);
        if (entry.Pay is { } pay)
            output.Add(", credited_ms:"u8).Add(pay.CreditedMs).Add(", end:"u8).Add(EntryWords.End(pay.End)).Add(", policy:"u8).Add(pay.PolicyVersion);
        if (entry.Corrects is { } corrects)
            output.Add(", corrects:"u8).Add(corrects);
        output.Add("\n"u8);

        foreach (var posting in entry.Postings)
        {
            WritePosting(output, posting.Account, posting.AmountMicros, entry.Currency);
            if (posting.Commitment is { } commitment)
                output.Add("  ; commitment:"u8).Add(commitment);
            output.Add("\n"u8);
        }

        output.Add("\n"u8);
        return 1;
    }

    internal static void WriteBalances(IBufferWriter<byte> output, ExportedPart part, DateOnly day)
    {
        if (part.Accounts.Count == 0)
            return;

        output.Add(day).Add(" Balances after entry "u8).Add(part.LastNumber).Add("\n"u8);
        foreach (var account in part.Accounts)
        {
            WritePosting(output, account.Name, 0, part.Currency);
            output.Add(" = "u8).AddMoney(account.ClosingMicros).Add(" "u8).Add(part.Currency).Add("\n"u8);
        }

        output.Add("\n"u8);
    }

    private static void WritePosting(IBufferWriter<byte> output, string account, long micros, string currency) =>
        output.Add("    "u8).Add(account).Add("  "u8).AddMoney(micros).Add(" "u8).Add(currency);

    // A semicolon starts a comment, in which a word with a colon is a tag and "date:" changes the day; a bar parts payee from note.
    private static string OneLine(string text) => Utf8Text.OneLine(text).Replace(';', ',').Replace('|', '/');
}
