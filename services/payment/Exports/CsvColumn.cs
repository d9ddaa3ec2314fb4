namespace Marketplace.Payment.Exports;

/// <summary>One column of the CSV: the data dictionary, from which the header, the page and the README's table are made.</summary>
/// <param name="Name">As in the header.</param>
/// <param name="Unit">The unit or the form of the value.</param>
/// <param name="Meaning">What it says, and when it is empty.</param>
/// <param name="Json">Where JSON Lines have the same; empty where they have not.</param>
internal sealed record CsvColumn(string Name, string Unit, string Meaning, string Json)
{
    private const string Money = "currency units, six decimals";
    private const string Ms = "milliseconds";
    private const string PerHour = "currency units an hour, six decimals";

    /// <summary>In the order of the file.</summary>
    internal static readonly IReadOnlyList<CsvColumn> All =
    [
        new("entry", "number from 1", "The entry. Numbers have no gaps and are given as entries become public, in batches in which they follow the keys; leaf n − 1 of the log is entry n.", "number"),
        new("at", "instant, UTC", "The hour in which it was written; of a payout the day. Where the leaf is of version 1 the instant, but of pay.", "at"),
        new("kind", "word", "What happened: deposit, job-funded, assignment-paid, escrow-returned, payout-issued, payout-settled, payout-failed, payout-returned, policy-adopted; end in the last row.", "kind"),
        new("job_id", "UUID", "The job that it is about, if any.", "jobId"),
        new("job_title", "text", "The job’s title. One that starts like a formula has an apostrophe in front.", "jobTitle"),
        new("key_hmac", "64 hex digits", "HMAC-SHA-256 of the entry’s natural key under a secret of the log: equal for equal keys, and says nothing else.", "key"),
        new("corrects", "number", "The entry that this one corrects, if any.", "corrects"),
        new("line", "number from 1", "The posting within its entry. Empty where no money moved.", "place in postings"),
        new("account", "name", "The posting’s account. All workers share liabilities:workers:payable.", "postings.account"),
        new("amount", Money, "What it moves: debit positive, credit negative. The rows of an entry add up to 0.", "postings.amountMicros"),
        new("currency", "ISO 4217", "The currency of all money of the row.", "currency"),
        new("commitment", "64 hex digits", "Of a worker’s posting: SHA-256 of a salt that the worker alone has, 0x00, worker id, natural key.", "postings.commitment"),
        new("end", "word", "How the assignment ended: submitted, returned, expired, broken. This and all columns up to levy stand on the first row of an assignment-paid entry only.", "pay.end"),
        new("terms_version", "number from 1", "The terms of the job that it was claimed under.", "pay.termsVersion"),
        new("reward", Money, "The reward of those terms, earned or not.", "pay.rewardMicros"),
        new("active_ms", Ms, "Working time that the server saw. Only where the leaf is of version 1.", "pay.activeMs"),
        new("unseen_ms", Ms, "Time that the worker asked for beyond it, as far as there was time for it. Only where the leaf is of version 1.", "pay.unseenMs"),
        new("allowance_left_ms", Ms, "What was left of the worker’s allowance for time without an answer, or asked for. Only where the leaf is of version 1.", "pay.allowanceLeftMs"),
        new("first_of_job", "true or false", "Whether the worker had submitted no answer of the job before: then reading counts. Only where the leaf is of version 1.", "pay.firstOfJob"),
        new("limit_ms", Ms, "The time limit.", "pay.limitMs"),
        new("reading_ms", Ms, "Reading time of the job’s instructions.", "pay.readingMs"),
        new("credited_ms", Ms, "The time that is paid at the floor or better.", "pay.creditedMs"),
        new("floor_per_hour", PerHour, "The floor.", "pay.floorMicrosPerHour"),
        new("policy_version", "number from 1", "The pay policy in force for the job; its parameters are in the entry that adopted it.", "pay.policyVersion"),
        new("owed", Money, "Floor × credited time, rounded up.", "pay.owedMicros"),
        new("top_up", Money, "What the floor added to the reward.", "pay.topUpMicros"),
        new("pay", Money, "What the worker got: the larger of owed and, if submitted, the reward.", "pay.payMicros"),
        new("fee", Money, "The cooperative’s fee, on top of pay.", "pay.feeMicros"),
        new("levy", Money, "The levy for the commons, on top of pay.", "pay.levyMicros"),
        new("facts", "64 hex digits", "Where the leaf is of version 2: the commitment to what credited time followed from; the worker’s receipt opens it.", "pay.facts"),
        new("rows", "number", "In the last row alone: how many rows stand before it, without the header.", "end.rows"),
        new("sha256", "64 hex digits", "In the last row alone: SHA-256 of all bytes before that row.", "end.sha256"),
    ];

    /// <summary>What JSON Lines alone have: the field, its unit and its meaning.</summary>
    internal static readonly IReadOnlyList<(string Field, string Unit, string Meaning)> OnlyInJson =
    [
        ("batch", "number", "How many entries were public before its batch; null where the leaf is of version 1."),
        ("amountMicros", "micro-units", "What changed hands: the sum of the debits."),
        ("commitment", "64 hex digits", "The commitment of an entry about a worker, also where no money moved."),
        ("payout", "64 hex digits", "The same for all entries of one payout."),
        ("postings", "list", "Debits first, each side from the largest."),
        ("postings.accountKind", "word", "What kind of account it is: bank, deposit, escrow, payable, in-transit, commons, fees, solidarity, shortfall."),
        ("pay.feeBps", "basis points", "The fee’s share of pay under that policy."),
        ("pay.levyBps", "basis points", "The levy’s share of pay under that policy."),
        ("pay.capMs", "milliseconds", "The most that could be credited: the limit, and reading where it counts. Only where the leaf is of version 1."),
        ("pay.countedMicros", "micro-units", "The reward if it was submitted, else 0."),
        ("policy", "object", "Of policy-adopted: every parameter. Money in micro-units, times in milliseconds, rates in basis points."),
    ];
}
