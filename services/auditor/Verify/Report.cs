using System.Globalization;
using System.Text;
using System.Text.Json;
using Marketplace.Auditor.Books;
using Marketplace.Auditor.Log;

namespace Marketplace.Auditor.Verify;

/// <summary>One page: what was checked, with its result, and the figures that it came to.</summary>
internal sealed record Report
{
    public required string Origin { get; init; }
    public required long Entries { get; init; }
    public required string Root { get; init; }
    public required IReadOnlyList<Check> Checks { get; init; }
    public required IReadOnlyList<string> Findings { get; init; }
    public required long Assignments { get; init; }
    public required decimal HoursCredited { get; init; }
    public required decimal PaidToWorkers { get; init; }
    public required decimal? LowestHourlyPay { get; init; }
    public required IReadOnlyDictionary<string, decimal> Balances { get; init; }
    public required double Seconds { get; init; }

    public bool Passed => Findings.Count == 0 && Checks.All(c => c.Passed);

    internal sealed record Check(string What, bool Passed, string Result);

    internal static Report Of(SignedCheckpoint checkpoint, SignedCheckpoint? earlier, ReadLog audit, string? published, IReadOnlyList<Check> signatures, TimeSpan took)
    {
        var books = audit.Books;
        List<Check> checks =
        [
            .. signatures,
            new("The leaves lead to the signed root", audit.RootIsRight && books.Holds(Rule.LeavesAreWhatWasLogged), $"{checkpoint.Size} leaves"),
            new(
                "The history continues the checkpoint seen before",
                earlier is null || audit.Continues == true,
                earlier is null ? "this is the first visit: from now on it is remembered" : $"{earlier.Size} entries were seen"),
            .. OfTheBooks(books),
            new("The published trial balance is the sum of the entries", published is null, published ?? "equal to the micro-unit"),
        ];

        return new()
        {
            Origin = checkpoint.Origin,
            Entries = checkpoint.Size,
            Root = Convert.ToBase64String(checkpoint.Root),
            Checks = checks,
            Findings = [.. books.Findings.Select(f => f.ToString())],
            Assignments = books.Assignments,
            HoursCredited = Math.Round(books.CreditedMs / 3_600_000m, 3),
            PaidToWorkers = books.PaidMicros / 1_000_000m,
            LowestHourlyPay = books.LowestHourly is { } lowest ? lowest / 1_000_000m : null,
            Balances = Accounts(books.Balances).ToDictionary(b => b.Key, b => b.Value / 1_000_000m),
            Seconds = Math.Round(took.TotalSeconds, 2),
        };
    }

    private static IEnumerable<Check> OfTheBooks(Books.Books books)
    {
        Check By(Rule rule, string what, string result) => new(
            what, books.Holds(rule), books.Holds(rule) ? result : string.Create(CultureInfo.InvariantCulture, $"not so, {books.Broken(rule)} times"));
        yield return By(Rule.EntriesAreWhole, "Every entry is whole, in its place, and moves what its kind moves", $"{books.Entries} entries");
        yield return By(Rule.EntriesBalance, "Every entry sums to zero", $"{books.Entries} entries");
        yield return By(Rule.NothingIsOverdrawn, "No account that may not go below zero ever did, after any entry", $"{books.Balances.Count} accounts");
        yield return By(Rule.KeysComeOnce, "Every key comes once", $"{books.Entries} keys");
        yield return By(Rule.PoliciesStand, "Pay policies are adopted once and never edited", books.Policies == 1 ? "1 policy" : $"{books.Policies} policies");
        yield return By(Rule.PayFollowsThePolicy, "Every pay follows from its facts and its policy, and is not under the floor", $"{books.Assignments} assignments computed again");
        yield return By(Rule.PayoutsLiveLegally, "Every payout lives a legal life, with one amount", $"{books.PayoutsSeen} payouts");
        yield return By(Rule.MoneyIsThere, "Deposits, escrows and payables are covered by the bank accounts", "after the last entry");
        yield return By(Rule.NothingWasMissing, "Nothing was ever missing in an escrow", "the shortfall account is to be 0");
    }

    /// <summary>The accounts of requesters and of jobs each together, as the public trial balance has them. In micro-units.</summary>
    internal static SortedDictionary<string, long> Accounts(IReadOnlyDictionary<string, long> balances)
    {
        var accounts = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (account, micros) in balances)
        {
            var parts = account.Split(':');
            var name = parts is ["liabilities", "requester" or "job", _, _] ? $"liabilities:{parts[1]}:…:{parts[3]}" : account;
            accounts[name] = accounts.GetValueOrDefault(name) + micros;
        }

        return accounts;
    }

    internal string ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Audit of {Origin}, {Entries:N0} entries, in {Seconds:0.0} s\nRoot {Root}\n\n");
        foreach (var check in Checks)
            text.Append(CultureInfo.InvariantCulture, $"{(check.Passed ? "passed" : "FAILED")}  {check.What}: {check.Result}\n");
        foreach (var finding in Findings)
            text.Append(CultureInfo.InvariantCulture, $"FAILED  {finding}\n");

        text.Append(CultureInfo.InvariantCulture, $"\n{Assignments:N0} assignments, {HoursCredited:N2} hours credited, {PaidToWorkers:N6} paid");
        if (LowestHourlyPay is { } lowest)
            text.Append(CultureInfo.InvariantCulture, $", lowest hourly pay {Math.Floor(lowest * 100) / 100:0.00}");
        text.Append("\n\n");
        foreach (var (account, balance) in Balances)
            text.Append(CultureInfo.InvariantCulture, $"{balance,24:N6}  {account}\n");
        text.Append(Passed ? "\nEverything holds.\n" : "\nThis ledger does not hold. Keep this report, and show it to the members.\n");
        return text.ToString();
    }

    internal string ToJson() => JsonSerializer.Serialize(this, Options);

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };
}
