using System.Security.Cryptography;
using System.Text;
using Marketplace.Faults.People;

namespace Marketplace.Faults.Books;

/// <summary>
/// What must hold once everything has settled, whatever happened before: nothing lost, nothing twice, to the micro-unit. Pure: books in,
/// complaints out.
/// </summary>
internal static class Demands
{
    /// <summary>Every demand that is not met; none of a marketplace that lost nothing.</summary>
    internal static IReadOnlyList<string> NotMet(AllBooks books) =>
    [
        .. books.Told.Contradictions,
        .. LedgerDemands.NotMet(books),
        .. Money(books),
        .. PayDemands.NotMet(books),
        .. Payouts(books),
        .. Answers(books),
        .. Claims(books),
        .. books.GivenUp.Select(q => $"{q.Value} messages lie in {q.Key}."),
        .. books.Waiting > 0 ? [$"{books.Waiting} messages still wait in the queues."] : Array.Empty<string>(),
    ];

    /// <summary>Every deposit and budget exactly once; every deposit = paid + charges + escrow + what is left or came back.</summary>
    private static IEnumerable<string> Money(AllBooks books)
    {
        var told = books.Told.Deposits.ToDictionary(d => d.PublicKey);
        foreach (var line in books.Ledger.Where(l => l.Kind == "deposit" && !books.BookedBefore.Contains(l.Number)))
        {
            if (!told.Remove(line.Key, out var deposit))
                yield return $"Entry {line.Number} is a deposit that nobody made.";
            else if (line.On(LedgerLine.Deposit(deposit.Requester)) != -deposit.AmountMicros)
                yield return $"Entry {line.Number} is not the deposit of {deposit.AmountMicros} that was acknowledged.";
        }

        foreach (var lost in told.Values)
            yield return $"The deposit of {lost.AmountMicros} acknowledged as entry {lost.PublicKey} is not in the ledger.";

        foreach (var (job, posted) in books.Told.Jobs)
        {
            var booked = books.Ledger.Where(l => l.Kind == "job-funded" && l.Job == job).Sum(l => -l.On(LedgerLine.Escrow(job)));
            if (booked != posted.BudgetMicros)
                yield return $"Job {job}: a budget of {posted.BudgetMicros} was acknowledged, {booked} is in the ledger.";
            if (books.Jobs[job].State is not ("finished" or "refused"))
                yield return $"Job {job} is {books.Jobs[job].State}, not finished.";
            if (books.Ledger.Sum(l => l.On(LedgerLine.Escrow(job))) is not 0 and var left)
                yield return $"Job {job} is over, and {-left} is still in escrow.";
        }

        foreach (var (requester, available) in books.Deposits)
        {
            var paidIn = books.Told.Deposits.Where(d => d.Requester == requester).Sum(d => d.AmountMicros);
            var jobs = books.Told.Jobs.Where(j => j.Value.Requester == requester).Select(j => j.Key).ToHashSet();
            var spent = books.Ledger.Where(l => l.Pay is not null && jobs.Contains(l.Job!.Value)).Sum(l => l.Pay!.PayMicros + l.Pay.FeeMicros + l.Pay.LevyMicros);
            var onDeposit = -books.Ledger.Sum(l => l.On(LedgerLine.Deposit(requester)));
            if (paidIn != spent + onDeposit)
                yield return $"Requester {requester}: {paidIn} paid in, but {spent} spent on work and {onDeposit} left.";
            if (available != onDeposit)
                yield return $"Requester {requester}: the page says {available} is left, the ledger {onDeposit}.";
        }
    }

    private static IEnumerable<string> Payouts(AllBooks books)
    {
        var issued = books.Told.CashOuts.ToDictionary(c => c.PublicKey);
        foreach (var line in books.Ledger.Where(l => l.Kind == "payout-issued" && !books.BookedBefore.Contains(l.Number)))
        {
            if (!issued.Remove(line.Key, out var told))
                yield return $"Entry {line.Number} is a payout that nobody asked for.";
            else
                foreach (var wrong in Steps(books, line, told))
                    yield return wrong;
        }

        foreach (var lost in issued.Values)
            yield return $"The cash-out acknowledged as entry {lost.PublicKey} is not in the ledger.";
    }

    /// <summary>A payout is issued once, settles or fails once, and comes back at most once, as its account says; in one batch the order says nothing.</summary>
    private static IEnumerable<string> Steps(AllBooks books, LedgerLine issue, Memory.CashedOut told)
    {
        var steps = books.Ledger.Where(l => l.Payout == issue.Payout).Select(l => l.Kind).Order(StringComparer.Ordinal).ToArray();
        string[] wanted = told.Destination switch
        {
            _ when told.Destination.EndsWith("13", StringComparison.Ordinal) => ["payout-issued", "payout-failed"],
            _ when told.Destination.EndsWith("17", StringComparison.Ordinal) => ["payout-issued", "payout-settled", "payout-returned"],
            _ => ["payout-issued", "payout-settled"],
        };
        if (!steps.SequenceEqual(wanted.Order(StringComparer.Ordinal)))
            yield return $"Payout {told.Payout} to {told.Destination} went {string.Join(", ", steps)}.";
        if (issue.Postings.Where(p => p.Micros > 0).Sum(p => p.Micros) != told.AmountMicros)
            yield return $"Entry {issue.Number} is not the cash-out of {told.AmountMicros} that was acknowledged.";
        if (books.Workers[told.Worker].Payouts.Count(p => p.Payout == told.Payout && p.IssuedEntry == issue.Number) != 1)
            yield return $"Payout {told.Payout} is not on its owner's page exactly once.";
    }

    private static IEnumerable<string> Answers(AllBooks books)
    {
        var results = books.Jobs.SelectMany(j => j.Value.Answers.Select(a => (Job: j.Key, Answer: a))).ToLookup(a => a.Answer.Text);
        foreach (var (assignment, told) in books.Told.Submits)
        {
            if (results[told.Text].ToArray() is not [var (job, answer)] || job != told.Job || answer.Task != told.Task)
                yield return $"The answer of {assignment} is {results[told.Text].Count()} times in the results, or not as it was given.";
        }

        foreach (var (id, job) in books.Jobs)
        {
            var posted = books.Told.Jobs[id];
            foreach (var task in job.Answers.GroupBy(a => a.Task))
            {
                if (task.Count() > posted.Wanted)
                    yield return $"Job {id} task {task.Key} has {task.Count()} answers; {posted.Wanted} were wanted.";
                if (task.Select(a => a.Person).Distinct().Count() != task.Count())
                    yield return $"Job {id} task {task.Key} was answered twice by one person.";
            }
        }
    }

    private static IEnumerable<string> Claims(AllBooks books)
    {
        foreach (var job in books.Told.Claims.GroupBy(c => c.Value.Job))
        {
            if (books.Jobs.TryGetValue(job.Key, out var book) && job.Count() > (book.Funded ?? 0))
                yield return $"Job {job.Key}: {job.Count()} claims, but only {book.Funded} were ever funded.";
            foreach (var twice in job.GroupBy(c => (c.Value.Worker, c.Value.Task)).Where(g => g.Count() > 1))
                yield return $"Worker {twice.Key.Worker} was given task {twice.Key.Task} of job {job.Key} {twice.Count()} times.";
        }
    }

    /// <summary>SHA-256(salt ‖ 0x00 ‖ worker id, 16 bytes big-endian ‖ key): only who has the salt can say whose an entry is.</summary>
    internal static string Commitment(string salt, Guid worker, string key) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Convert.FromBase64String(salt), 0, .. worker.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(key)]));
}
