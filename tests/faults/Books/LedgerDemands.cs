namespace Marketplace.Faults.Books;

/// <summary>
/// What the ledger must be in itself: numbered without gaps, every entry balanced, no account on its wrong side where a batch ends, sums as published.
/// </summary>
internal static class LedgerDemands
{
    internal static IEnumerable<string> NotMet(AllBooks books)
    {
        var balances = new Dictionary<string, long>();
        var (number, batch) = (0L, 0L);
        foreach (var line in books.Ledger)
        {
            if (line.Number != ++number)
                yield return $"Entry {number} is missing, or is there twice.";
            number = line.Number;
            if (line.Batch != batch)
            {
                foreach (var wrong in OnTheWrongSide(balances, line.Batch))
                    yield return wrong;
            }

            batch = line.Batch;
            if (line.Postings.Sum(p => p.Micros) != 0)
                yield return $"Entry {line.Number} does not add up to zero.";
            foreach (var (account, micros) in line.Postings)
                balances[account] = balances.GetValueOrDefault(account) + micros;
        }

        foreach (var wrong in OnTheWrongSide(balances, number))
            yield return wrong;

        if (books.Ledger.Count(l => l.Kind == "policy-adopted") is not 1 and var policies)
            yield return $"{policies} policies were adopted; it was one.";
        if (balances.Where(b => b.Key.Contains("shortfall", StringComparison.Ordinal)).Sum(b => b.Value) is not 0 and var shortfall)
            yield return $"An escrow was {shortfall} short.";
        var sums = balances.GroupBy(b => Group(b.Key)).ToDictionary(g => g.Key, g => g.Sum(b => b.Value));
        foreach (var (account, balance) in books.TrialBalance)
        {
            if (sums.GetValueOrDefault(account) != balance)
                yield return $"The trial balance says {balance} of {account}; its postings add up to {sums.GetValueOrDefault(account)}.";
        }

        foreach (var account in sums.Where(s => s.Value != 0).Select(s => s.Key).Except(books.TrialBalance.Keys))
            yield return $"The trial balance has no line for {account}.";
    }

    private static List<string> OnTheWrongSide(Dictionary<string, long> balances, long number) =>
    [
        .. balances.Where(b => b.Key.StartsWith("liabilities:", StringComparison.Ordinal) && b.Value > 0)
            .Select(b => $"After entry {number} {b.Key} is {b.Value} over what was there."),
    ];

    /// <summary>All deposits are one line of the trial balance, and so are all escrows.</summary>
    private static string Group(string account)
    {
        var parts = account.Split(':');
        return parts is ["liabilities", "job" or "requester", _, ..] ? string.Join(':', parts.Select((p, n) => n == 2 ? "…" : p)) : account;
    }
}
