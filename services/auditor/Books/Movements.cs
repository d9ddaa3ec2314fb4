using Marketplace.Auditor.Entries;

namespace Marketplace.Auditor.Books;

/// <summary>Which accounts an entry of each kind may debit and credit, as the log's specification has it.</summary>
internal static class Movements
{
    private const string Bank = "assets:bank:";
    private const string Deposit = "liabilities:requester:";
    private const string Escrow = "liabilities:job:";
    private const string Payable = "liabilities:workers:payable";
    private const string InTransit = "liabilities:workers:in-transit";

    /// <summary>What an entry moves that one of its kind does not, in words; null where all is as it should be.</summary>
    internal static string? Fault(Entry entry)
    {
        foreach (var (account, amount) in entry.Postings)
        {
            var may = entry.Kind switch
            {
                "policy-adopted" => false,
                "deposit" => amount > 0 ? Is(account, Bank) : Is(account, Deposit),
                "job-funded" => amount > 0 ? Is(account, Deposit) : Is(account, Escrow),
                "escrow-returned" => amount > 0 ? Is(account, Escrow) : Is(account, Deposit),
                "assignment-paid" => amount > 0
                    ? Is(account, Escrow) || account == "expenses:shortfall"
                    : account is Payable or "income:fees" or "liabilities:commons",
                "payout-issued" => account == (amount > 0 ? Payable : InTransit),
                "payout-settled" => amount > 0 ? account == InTransit : Is(account, Bank),
                "payout-failed" => account == (amount > 0 ? InTransit : Payable),
                "payout-returned" => amount > 0 ? Is(account, Bank) : account == Payable,
                _ => true,
            };
            if (!may || amount == 0)
                return $"a {entry.Kind} does not move {amount} micro-units on {account}";
        }

        return entry.Kind is "policy-adopted" or "deposit" or "job-funded" or "escrow-returned" or "assignment-paid"
            or "payout-issued" or "payout-settled" or "payout-failed" or "payout-returned"
            ? null
            : $"'{entry.Kind}' is no kind of entry";
    }

    private static bool Is(string account, string start) => account.StartsWith(start, StringComparison.Ordinal);
}
