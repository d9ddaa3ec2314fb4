namespace Marketplace.Faults.Books;

/// <summary>
/// Errors put into books that are good, to see that the checker objects to each: a rule that was never seen to fail is no rule.
/// </summary>
internal static class PlantedErrors
{
    /// <returns>To how many of how many the checker objected.</returns>
    internal static (int Objected, int Planted) Objections(AllBooks good)
    {
        var all = All(good).ToList();
        var missed = all.Where(e => Demands.NotMet(e.Books).Count == 0).Select(e => e.What).ToList();
        foreach (var what in missed)
            Console.WriteLine($"  the checker does not see: {what}");
        return (all.Count - missed.Count, all.Count);
    }

    private static IEnumerable<(string What, AllBooks Books)> All(AllBooks good)
    {
        var mine = good.Ledger.Where(l => !good.PaidBefore.Contains(l.Number) && !good.BookedBefore.Contains(l.Number)).ToList();
        foreach (var kind in mine.Select(l => l.Kind).Distinct().ToList())
        {
            var line = mine.First(l => l.Kind == kind);
            yield return ($"{kind} lost", good with { Ledger = Numbered(good.Ledger.Where(l => l != line)) });
            yield return ($"{kind} twice", good with { Ledger = Numbered(good.Ledger.Append(line)) });
            if (line.Postings.Count > 0)
                yield return ($"{kind} one micro-unit off", good with { Ledger = [.. good.Ledger.Select(l => l == line ? Off(l) : l)] });
        }

        if (mine.FirstOrDefault(l => l.Pay is { CreditedMs: > 0 }) is { Pay: { } pay } paid)
            yield return ("pay under the floor", good with { Ledger = [.. good.Ledger.Select(l => l == paid ? l with { Pay = pay with { CreditedMs = pay.CreditedMs * 1000 } } : l)] });
        foreach (var (job, book) in good.Jobs.Where(j => j.Value.Answers.Count > 0).Take(1))
        {
            yield return ("an answer lost", With(good, job, book with { Answers = [.. book.Answers.Skip(1)] }));
            yield return ("an answer twice", With(good, job, book with { Answers = [.. book.Answers, book.Answers[0]] }));
            yield return ("an answer of somebody else", With(good, job, book with { Answers = [book.Answers[0] with { Text = "?" }, .. book.Answers.Skip(1)] }));
            yield return ("claims beyond the money", With(good, job, book with { Funded = 0 }));
            yield return ("a job that does not finish", With(good, job, book with { State = "closed" }));
        }

        foreach (var (worker, book) in good.Workers.Where(w => w.Value.Payslip.Count > 0).Take(1))
        {
            yield return ("a balance one micro-unit off", With(good, worker, book with { BalanceMicros = book.BalanceMicros + 1 }));
            yield return ("an end not paid", With(good, worker, book with { Payslip = [book.Payslip[0] with { Entry = null }, .. book.Payslip.Skip(1)] }));
        }

        yield return ("a deposit's page off", good with { Deposits = good.Deposits.ToDictionary(d => d.Key, d => d.Value + 1) });
        yield return ("the trial balance off", good with { TrialBalance = good.TrialBalance.ToDictionary(b => b.Key, b => b.Value + 1) });
        yield return ("a message given up", good with { GivenUp = new Dictionary<string, long> { ["dead"] = 1 } });
        yield return ("a message left", good with { Waiting = 1 });
    }

    private static AllBooks With(AllBooks good, Guid job, JobBook book) =>
        good with { Jobs = good.Jobs.ToDictionary(j => j.Key, j => j.Key == job ? book : j.Value) };

    private static AllBooks With(AllBooks good, Guid worker, WorkerBook book) =>
        good with { Workers = good.Workers.ToDictionary(w => w.Key, w => w.Key == worker ? book : w.Value) };

    /// <summary>So that only what was planted is wrong, not the numbers after it.</summary>
    private static List<LedgerLine> Numbered(IEnumerable<LedgerLine> lines) => [.. lines.Select((l, n) => l with { Number = n + 1 })];

    private static LedgerLine Off(LedgerLine line) =>
        line with { Postings = [.. line.Postings.Select((p, n) => n == 0 ? (p.Account, p.Micros + 1) : p)] };
}
