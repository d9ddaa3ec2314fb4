using System.Globalization;
using System.Runtime.InteropServices;
using Marketplace.Auditor.Entries;

namespace Marketplace.Auditor.Books;

/// <summary>
/// The whole ledger's rules, over its entries in order: every entry balances, no account that may not go negative ever did,
/// no key comes twice, every pay follows its policy, every payout lives a legal life. Entries that became public together are a set: of them
/// it is asked at the end how accounts stand, and whether all that they refer to is there.
/// </summary>
/// <param name="seed">A number by chance: see <see cref="KeySet"/>.</param>
internal sealed class Books(ulong seed)
{
    /// <summary>Of each rule: one broken early is often broken by every entry after it.</summary>
    private const int MostFindings = 10;
    private const long Hour = 3_600_000;
    private const long Day = 24 * Hour;

    private readonly Dictionary<string, (long Micros, long Touched)> _balances = [];
    private readonly BatchOrder _order = new();
    private readonly List<string> _touched = [];
    private readonly List<(long Number, PayFacts Pay)> _beforeTheirPolicy = [];
    private readonly List<PayoutStep> _steps = [];
    private readonly List<(long Number, long Corrects)> _corrections = [];
    private readonly RepeatedKeys _keys = new(seed);
    private readonly Dictionary<int, PolicyFacts> _policies = [];
    private readonly Payouts _payouts = new();
    private readonly Dictionary<Rule, long> _broken = [];
    private string _currency = "";
    private long _batches;
    private long _last;
    private long _at;
    private long _atBefore;

    internal List<Finding> Findings { get; } = [];

    internal long Entries { get; private set; }

    internal long Assignments { get; private set; }

    internal int Policies => _policies.Count;

    internal long PayoutsSeen => _payouts.Seen;

    /// <summary>The lowest pay ÷ credited time seen, in micro-units an hour; null before any.</summary>
    internal long? LowestHourly { get; private set; }

    internal long CreditedMs { get; private set; }

    internal long PaidMicros { get; private set; }

    /// <summary>Balances by public account, debit positive.</summary>
    internal IReadOnlyDictionary<string, long> Balances => _balances.ToDictionary(b => b.Key, b => b.Value.Micros);

    /// <summary>Whether a rule holds, so far as there were entries.</summary>
    internal bool Holds(Rule rule) => Broken(rule) == 0;

    /// <summary>How often a rule was broken; the first of these are findings.</summary>
    internal long Broken(Rule rule) => _broken.GetValueOrDefault(rule);

    /// <summary>Whether all entries must come a second time, to <see cref="CompareKey"/>: some keys begin alike.</summary>
    internal bool MustCompareKeys => _keys.MustCompare;

    /// <summary>The next entry, in order.</summary>
    internal void Take(Entry entry)
    {
        Entries++;
        var (begins, misplaced) = _order.Take(entry);
        if (begins)
            EndBatch();
        _last = entry.Number;

        if (entry.Number != Entries)
            Find(Rule.EntriesAreWhole, Entries, $"it carries number {entry.Number}: an entry is missing, or two were swapped");
        if (misplaced is not null)
            Find(Rule.EntriesAreWhole, entry.Number, misplaced);
        _keys.Suspect(entry.Key);
        if (FaultOfTime(entry) is { } dated)
            Find(Rule.EntriesAreWhole, entry.Number, dated);
        if (_currency.Length == 0)
            _currency = entry.Currency;
        if (entry.Currency != _currency)
            Find(Rule.EntriesAreWhole, entry.Number, $"it is in {entry.Currency}, and the ledger is kept in {_currency}");
        if (Movements.Fault(entry) is { } moved)
            Find(Rule.EntriesAreWhole, entry.Number, moved);

        Post(entry);
        if (entry.Policy is { } policy && !_policies.TryAdd(policy.Version, policy))
            Find(Rule.PoliciesStand, entry.Number, $"pay policy {policy.Version} was adopted before: a policy is never edited");
        if (entry.Pay is { } pay)
            CheckPay(entry, pay);
        if (PayoutStep.Of(entry) is { } step)
            _steps.Add(step);
        if (entry.Corrects != 0)
            _corrections.Add((entry.Number, entry.Corrects));
    }

    /// <summary>An entry, in its place, whose leaf is not what a leaf is: the rest of the ledger is checked all the same.</summary>
    internal void TakeUnreadable(string why)
    {
        Entries++;
        _order.Lose();
        Find(Rule.EntriesAreWhole, Entries, why);
    }

    /// <summary>So many entries that the log did not give; one finding names the first.</summary>
    internal void Skip(long count)
    {
        _order.Lose();
        Find(Rule.EntriesAreWhole, Entries + 1, "it is missing from the log's bundle of leaves");
        Entries += count;
    }

    /// <summary>The next entry, once more.</summary>
    internal void CompareKey(Entry entry)
    {
        if (_keys.CameBefore(entry.Key))
            Find(Rule.KeysComeOnce, entry.Number, "its key was used before: something was booked twice");
    }

    /// <summary>What can only be said of the ledger as a whole.</summary>
    internal void Close()
    {
        EndBatch();
        if (Sum("expenses:shortfall") is not 0 and var shortfall)
            Find(Rule.NothingWasMissing, 0, $"{Text(shortfall)} were missing in escrow: the shortfall account must be 0");

        var bank = Sum("assets:bank:");
        var owed = -(Sum("liabilities:requester:") + Sum("liabilities:job:") + Sum("liabilities:workers:"));
        if (bank < owed)
            Find(Rule.MoneyIsThere, 0, $"deposits, escrows and payables are {Text(owed)}, and the bank accounts hold only {Text(bank)}");
    }

    internal long Sum(string prefix) => _balances
        .Where(b => b.Key.StartsWith(prefix, StringComparison.Ordinal))
        .Aggregate(0L, (sum, b) => unchecked(sum + b.Value.Micros));

    internal void Find(Rule rule, long number, string what)
    {
        ref var times = ref CollectionsMarshal.GetValueRefOrAddDefault(_broken, rule, out _);
        if (times++ < MostFindings)
            Findings.Add(new(rule, number, what));
    }

    /// <summary>What can be said of entries that became public together only when all of them are known.</summary>
    private void EndBatch()
    {
        foreach (var account in _touched)
        {
            var balance = _balances[account].Micros;
            if (Side(account) * (Int128)balance < 0)
                Find(Rule.NothingIsOverdrawn, _last, $"{account} is overdrawn by {Text(balance)}");
        }

        foreach (var (number, pay) in _beforeTheirPolicy)
            CheckPolicy(number, pay, isLast: true);
        foreach (var step in _steps.OrderBy(s => s.Rank))
        {
            if (_payouts.Take(step) is { } fault)
                Find(Rule.PayoutsLiveLegally, step.Number, fault);
        }

        foreach (var (number, corrects) in _corrections)
        {
            if (corrects < 0 || corrects > _last || corrects == number)
                Find(Rule.EntriesAreWhole, number, $"it corrects entry {corrects}, which is none that was public with it or before");
        }

        _touched.Clear();
        _beforeTheirPolicy.Clear();
        _steps.Clear();
        _corrections.Clear();
        _atBefore = _at;
        _batches++;
    }

    /// <summary>An entry of version 2 tells no more of its time than the hour, of a payout the day. Clocks of two copies may differ by a little.</summary>
    private string? FaultOfTime(Entry entry)
    {
        var step = entry switch { { Version: 1 } => 1, { Payout: not null } => Day, _ => Hour };
        if (step < Day)
            _at = Math.Max(_at, entry.At);
        if (entry.At % step != 0)
            return step == Day ? "it tells more of its time than the day" : "it tells more of its time than the hour";

        var earliest = _atBefore - Hour;
        return entry.At < (earliest > 0 ? earliest - (earliest % step) : earliest) ? "it is dated before the entry in front of it" : null;
    }

    private void Post(Entry entry)
    {
        Int128 sum = 0;
        foreach (var (account, amount) in entry.Postings)
        {
            sum += amount;
            ref var balance = ref CollectionsMarshal.GetValueRefOrAddDefault(_balances, account, out _);
            if (balance.Touched <= _batches)
                _touched.Add(account);
            if ((Int128)balance.Micros + amount is var stands && stands != (long)stands)
                Find(Rule.EntriesBalance, entry.Number, $"{account} would stand at {stands} micro-units, which is more than there is");
            balance = (unchecked(balance.Micros + amount), _batches + 1);
        }

        if (sum != 0)
            Find(Rule.EntriesBalance, entry.Number, $"it does not balance: debits and credits differ by {sum} micro-units");
    }

    private void CheckPay(Entry entry, PayFacts pay)
    {
        Assignments++;
        CreditedMs = unchecked(CreditedMs + pay.Credited);
        PaidMicros = unchecked(PaidMicros + pay.Pay);
        if (pay.Credited > 0)
        {
            var hourly = (long)((Int128)pay.Pay * Hour / pay.Credited);
            LowestHourly = LowestHourly is { } lowest && lowest < hourly ? lowest : hourly;
        }

        CheckPolicy(entry.Number, pay, isLast: false);

        // Postings of 0 are left out, so each amount is looked up and may be absent.
        if (-entry.AmountOn("liabilities:workers:payable") != pay.Pay || -entry.AmountOn("income:fees") != pay.Fee || -entry.AmountOn("liabilities:commons") != pay.Levy)
            Find(Rule.PayFollowsThePolicy, entry.Number, "its postings move other amounts than the pay, fee and levy that it computes");
        if (entry.Commitment is null)
            Find(Rule.PayFollowsThePolicy, entry.Number, "it is about a worker and has no commitment");
    }

    private void CheckPolicy(long number, PayFacts pay, bool isLast)
    {
        if (!_policies.TryGetValue(pay.Policy, out var policy) && !isLast)
            _beforeTheirPolicy.Add((number, pay));
        else if (policy is null)
            Find(Rule.PayFollowsThePolicy, number, $"it names pay policy {pay.Policy}, which no entry before it adopts");
        else if (PayArithmetic.Fault(pay, policy) is { } fault)
            Find(Rule.PayFollowsThePolicy, number, fault);
    }

    /// <summary>1: never below zero; −1: never above; 0: either.</summary>
    private static int Side(string account) => account switch
    {
        _ when account.StartsWith("liabilities:", StringComparison.Ordinal) => -1,
        _ when account.StartsWith("assets:", StringComparison.Ordinal) => 1,
        _ when account.StartsWith("expenses:", StringComparison.Ordinal) => 1,
        "income:fees" => -1,
        _ => 0,
    };

    private static string Text(long micros) => Math.Abs(micros / 1_000_000m).ToString("0.000000", CultureInfo.InvariantCulture);
}
