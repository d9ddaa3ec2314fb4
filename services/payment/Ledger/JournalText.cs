using System.Buffers;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// The ledger as an hledger journal: the commodity and every account declared, entries in number order on days that never
/// go back, six decimals, and at the end a transaction that asserts every balance, so that the reader's own tool proves the sums.
/// </summary>
internal static class JournalText
{
    internal static void WriteHead(IBufferWriter<byte> output, string title, string currency, IEnumerable<string> accounts)
    {
        output.Add("; "u8).Add(OneLine(title)).Add("\n\ncommodity 1000.000000 "u8).Add(currency).Add("\n\n"u8);
        foreach (var account in accounts)
            output.Add("account "u8).Add(account).Add("\n"u8);
        output.Add("\n"u8);
    }

    internal static void Write(IBufferWriter<byte> output, PublicEntry entry, DateOnly day)
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
    }

    internal static void WriteBalances(
        IBufferWriter<byte> output, DateOnly day, long lastEntry, string currency, IEnumerable<(string Account, long Micros)> balances)
    {
        output.Add(day).Add(" Balances after entry "u8).Add(lastEntry).Add("\n"u8);
        foreach (var (account, micros) in balances)
        {
            WritePosting(output, account, 0, currency);
            output.Add(" = "u8).AddMoney(micros).Add(" "u8).Add(currency).Add("\n"u8);
        }
    }

    private static void WritePosting(IBufferWriter<byte> output, string account, long micros, string currency) =>
        output.Add("    "u8).Add(account).Add("  "u8).AddMoney(micros).Add(" "u8).Add(currency);

    // A semicolon starts a comment, in which a word with a colon is a tag and "date:" changes the day; a bar parts payee from note.
    private static string OneLine(string text) =>
        string.Concat(text.Select(c => c switch
        {
            ';' => ',',
            '|' => '/',
            _ when char.IsControl(c) || c is '\u2028' or '\u2029' => ' ',
            _ => c,
        }));
}
