namespace Marketplace.Faults.Books;

/// <summary>Every end paid exactly once, as its worker was told, and nobody under the floor.</summary>
internal static class PayDemands
{
    private const long MsPerHour = 3_600_000;

    internal static IEnumerable<string> NotMet(AllBooks books)
    {
        var byKey = new Dictionary<string, LedgerLine>();
        foreach (var line in books.Ledger.Where(l => l.Pay is not null))
        {
            if (!byKey.TryAdd(line.Key, line))
                yield return $"Entry {line.Number} has the key of entry {byKey[line.Key].Number}.";
        }

        foreach (var line in byKey.Values)
        {
            if ((Int128)line.Pay!.PayMicros * MsPerHour < (Int128)line.Pay.FloorMicrosPerHour * line.Pay.CreditedMs)
                yield return $"Entry {line.Number} pays {line.Pay.PayMicros} for {line.Pay.CreditedMs} ms: under the floor.";
        }

        var owners = new Dictionary<string, Guid>();
        foreach (var (worker, book) in books.Workers)
        {
            foreach (var line in book.Payslip)
            {
                if (line.Entry is not { } entry || line.Salt is null)
                    yield return $"Assignment {line.Assignment} ({line.End}) is not paid.";
                else if (!byKey.TryGetValue(entry, out var paid))
                    yield return $"Assignment {line.Assignment} names entry {entry}, which pays nobody.";
                else if (!owners.TryAdd(entry, line.Assignment))
                    yield return $"Entry {entry} is said to pay {owners[entry]} and {line.Assignment}.";
                else if (Demands.Commitment(line.Salt, worker, $"assignment:{line.Assignment}") != paid.Commitment)
                    yield return $"Entry {entry} does not belong to assignment {line.Assignment}.";
                else if ((paid.Pay!.PayMicros, paid.Pay.CreditedMs) != (line.PayMicros, line.CreditedMs))
                    yield return $"Entry {entry} pays {paid.Pay.PayMicros} for {paid.Pay.CreditedMs} ms; the payslip says {line.PayMicros} for {line.CreditedMs} ms.";
            }

            foreach (var wrong in Balance(worker, book))
                yield return wrong;
        }

        foreach (var stray in byKey.Values.Where(l => !owners.ContainsKey(l.Key) && !books.PaidBefore.Contains(l.Number)))
            yield return $"Entry {stray.Number} pays an assignment that is on nobody's payslip.";
        foreach (var wrong in Receipts(books))
            yield return wrong;
    }

    /// <summary>What a submit was answered is what is paid.</summary>
    private static IEnumerable<string> Receipts(AllBooks books)
    {
        var lines = books.Workers.SelectMany(w => w.Value.Payslip).ToLookup(l => l.Assignment);
        foreach (var (assignment, told) in books.Told.Submits)
        {
            if (lines[assignment].ToArray() is not [var line])
                yield return $"The acknowledged submit of {assignment} is {lines[assignment].Count()} times on the payslip.";
            else if (line.End != "submitted" || line.Job != told.Job || (line.PayMicros, line.CreditedMs) != (told.PayMicros, told.CreditedMs))
                yield return $"The submit of {assignment} was told {told.PayMicros} for {told.CreditedMs} ms; its payslip says {line.End}, {line.PayMicros} for {line.CreditedMs} ms.";
        }

        foreach (var (assignment, told) in books.Told.Ends)
        {
            if (lines[assignment].ToArray() is not [var line])
                yield return $"The acknowledged end of {assignment} is {lines[assignment].Count()} times on the payslip.";
            else if (line.End != told.End || (line.PayMicros, line.CreditedMs) != (told.PayMicros, told.CreditedMs))
                yield return $"The end of {assignment} was told {told.End}, {told.PayMicros}; its payslip says {line.End}, {line.PayMicros}.";
        }
    }

    private static IEnumerable<string> Balance(Guid worker, WorkerBook book)
    {
        var earned = book.Payslip.Sum(l => l.PayMicros);
        var left = earned - book.Payouts.Where(p => p.State is "issued" or "settled").Sum(p => p.AmountMicros);
        if (book.PayableMicros != left)
            yield return $"Worker {worker} earned {earned} and has {left} after payouts; the ledger owes {book.PayableMicros}.";
        if (book.BalanceMicros != book.PayableMicros)
            yield return $"Worker {worker}: the earnings page says {book.BalanceMicros}, the ledger {book.PayableMicros}.";
    }
}
