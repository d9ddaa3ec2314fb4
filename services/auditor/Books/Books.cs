using System.Globalization;
using Marketplace.Auditor.Entries;

namespace Marketplace.Auditor.Books;

/// <summary>Something in the ledger that must not be. <see cref="Number"/> is the entry's, or 0 where it is the ledger's as a whole.</summary>
internal sealed record Finding(long Number, string What)
{
    public override string ToString() => Number == 0 ? What : string.Create(CultureInfo.InvariantCulture, $"Entry {Number}: {What}");
}

/// <summary>
/// The whole ledger's rules, over its entries in order: every entry balances, no account that may not go negative ever did,
/// no key comes twice, every pay follows its policy, every payout lives a legal life.
/// </summary>
internal sealed class Books
{
    private const int MostFindings = 100;

    private readonly Dictionary<string, long> _balances = [];
    private readonly HashSet<UInt128> _keys = [];
    private readonly Dictionary<int, PolicyFacts> _policies = [];
    private readonly Payouts _payouts = new();
    private long _at;

    internal List<Finding> Findings { get; } = [];

    internal long Entries { get; private set; }

    internal long Assignments { get; private set; }

    /// <summary>The lowest pay ÷ credited time seen, in micro-units an hour; null before any.</summary>
    internal long? LowestHourly { get; private set; }

    internal long CreditedMs { get; private set; }

    internal long PaidMicros { get; private set; }

    /// <summary>Balances by public account, debit positive.</summary>
    internal IReadOnlyDictionary<string, long> Balances => _balances;

    internal void Take(Entry entry)
    {
        Entries++;
        if (entry.Number != Entries)
            Find(Entries, $"it carries number {entry.Number}: an entry is missing, or two were swapped");
        if (!_keys.Add(entry.Key))
            Find(entry.Number, "its key was used before: something was booked twice");
        if (entry.At < _at - 3_600_000)
            Find(entry.Number, "it is dated before the entry in front of it");
        _at = Math.Max(_at, entry.At);

        Post(entry);
        if (entry.Policy is { } policy && !_policies.TryAdd(policy.Version, policy))
            Find(entry.Number, $"pay policy {policy.Version} was adopted before: a policy is never edited");
        if (entry.Pay is { } pay)
            CheckPay(entry, pay);
        if (_payouts.Take(entry) is { } fault)
            Find(entry.Number, fault);
    }

    /// <summary>What can only be said of the ledger as a whole.</summary>
    internal void Close()
    {
        if (Sum("expenses:shortfall") is not 0 and var shortfall)
            Find(0, $"{Text(shortfall)} were missing in escrow: the shortfall account must be 0");

        var bank = Sum("assets:bank:");
        var owed = -(Sum("liabilities:requester:") + Sum("liabilities:job:") + Sum("liabilities:workers:"));
        if (bank < owed)
            Find(0, $"deposits, escrows and payables are {Text(owed)}, and the bank accounts hold only {Text(bank)}");
    }

    private void Post(Entry entry)
    {
        Int128 sum = 0;
        foreach (var (account, amount) in entry.Postings)
        {
            sum += amount;
            ref var balance = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_balances, account, out _);
            balance = checked(balance + amount);
            if (Side(account) * (Int128)balance < 0)
                Find(entry.Number, $"{account} is overdrawn by {Text(Math.Abs(balance))}");
        }

        if (sum != 0)
            Find(entry.Number, $"it does not balance: debits and credits differ by {sum} micro-units");
    }

    private void CheckPay(Entry entry, PayFacts pay)
    {
        Assignments++;
        CreditedMs += pay.Credited;
        PaidMicros += pay.Pay;
        if (pay.Credited > 0)
        {
            var hourly = (long)((Int128)pay.Pay * 3_600_000 / pay.Credited);
            LowestHourly = LowestHourly is { } lowest && lowest < hourly ? lowest : hourly;
        }

        if (!_policies.TryGetValue(pay.Policy, out var policy))
            Find(entry.Number, $"it names pay policy {pay.Policy}, which no entry before it adopts");
        else if (PayArithmetic.Fault(pay, policy) is { } fault)
            Find(entry.Number, fault);

        // Postings of 0 are left out, so each amount is looked up and may be absent.
        if (-Amount(entry, "liabilities:workers:payable") != pay.Pay || -Amount(entry, "income:fees") != pay.Fee || -Amount(entry, "liabilities:commons") != pay.Levy)
            Find(entry.Number, "its postings move other amounts than the pay, fee and levy that it computes");
        if (entry.Commitment.Length != 32)
            Find(entry.Number, "it is about a worker and has no commitment");
    }

    private static long Amount(Entry entry, string account)
    {
        foreach (var posting in entry.Postings)
        {
            if (posting.Account == account)
                return posting.Amount;
        }

        return 0;
    }

    /// <summary>1: never below zero; −1: never above; 0: either.</summary>
    private static int Side(string account) => account switch
    {
        _ when account.StartsWith("assets:", StringComparison.Ordinal) => 1,
        _ when account.StartsWith("liabilities:", StringComparison.Ordinal) => -1,
        _ when account.StartsWith("expenses:", StringComparison.Ordinal) => 1,
        "income:fees" => -1,
        _ => 0,
    };

    internal long Sum(string prefix) => _balances.Where(b => b.Key.StartsWith(prefix, StringComparison.Ordinal)).Sum(b => b.Value);

    private static string Text(long micros) => (micros / 1_000_000m).ToString("0.000000", CultureInfo.InvariantCulture);

    internal void Find(long number, string what)
    {
        if (Findings.Count < MostFindings)
            Findings.Add(new(number, what));
    }
}
