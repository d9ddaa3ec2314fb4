using System.Buffers;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// The ledger as CSV (RFC 4180, UTF-8): a row for each posting, in entry order, and one row for an entry without postings.
/// What the pay was computed from stands on an entry's first row only, so that columns can be added up.
/// </summary>
internal static class CsvText
{
    /// <summary>The columns. Amounts have six decimals, a full stop, debit positive; times are milliseconds; instants are UTC.</summary>
    internal static ReadOnlySpan<byte> Header =>
        "entry,at,kind,job_id,job_title,key_hmac,corrects,line,account,amount,currency,commitment,end,terms_version,reward,active_ms,unseen_ms,allowance_left_ms,first_of_job,limit_ms,reading_ms,credited_ms,floor_per_hour,policy_version,owed,top_up,pay,fee,levy\r\n"u8;

    internal static void Write(IBufferWriter<byte> output, PublicEntry entry)
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
    }

    private static void WriteEntry(IBufferWriter<byte> output, PublicEntry entry)
    {
        output.Add(entry.Number).Add(","u8).Add(entry.At).Add(","u8).Add(entry.Kind).Add(","u8)
            .Add(entry.JobId?.ToString() ?? "").Add(","u8);
        WriteText(output, entry.JobTitle ?? "");
        output.Add(","u8).Add(entry.Key).Add(","u8);
        if (entry.Corrects is { } corrects)
            output.Add(corrects);
    }

    private static void WriteFacts(IBufferWriter<byte> output, PayFacts? pay)
    {
        if (pay is null)
        {
            output.Add(",,,,,,,,,,,,,,,,,\r\n"u8);
            return;
        }

        output.Add(","u8).Add(EntryWords.End(pay.End)).Add(","u8).Add(pay.TermsVersion).Add(","u8).AddMoney(pay.RewardMicros)
            .Add(","u8).Add(pay.ActiveMs).Add(","u8).Add(pay.UnseenMs).Add(","u8).Add(pay.AllowanceLeftMs)
            .Add(pay.FirstOfJob ? ",true,"u8 : ",false,"u8).Add(pay.LimitMs).Add(","u8).Add(pay.ReadingMs)
            .Add(","u8).Add(pay.CreditedMs).Add(","u8).AddMoney(pay.FloorMicrosPerHour).Add(","u8).Add(pay.PolicyVersion)
            .Add(","u8).AddMoney(pay.OwedMicros).Add(","u8).AddMoney(pay.TopUpMicros).Add(","u8).AddMoney(pay.PayMicros)
            .Add(","u8).AddMoney(pay.FeeMicros).Add(","u8).AddMoney(pay.LevyMicros).Add("\r\n"u8);
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
