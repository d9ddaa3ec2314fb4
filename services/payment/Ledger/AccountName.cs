namespace Marketplace.Payment.Ledger;

/// <summary>The kinds of accounts. The text in the database.</summary>
internal static class AccountKind
{
    internal const string Bank = "bank";
    internal const string Deposit = "deposit";
    internal const string Escrow = "escrow";
    internal const string Payable = "payable";
    internal const string InTransit = "in-transit";
    internal const string Commons = "commons";
    internal const string Fees = "fees";
    internal const string Solidarity = "solidarity";
    internal const string Shortfall = "shortfall";
}

/// <summary>The words for accounts, from their kind and their public name (<c>liabilities:job:9f…:escrow</c>).</summary>
internal static class AccountName
{
    private const string Hidden = "…";

    /// <summary>The account in plain words.</summary>
    internal static string Plain(string kind, string name) => kind switch
    {
        AccountKind.Deposit => "Deposit of a requester",
        AccountKind.Escrow => "Escrow of the job",
        _ => Group(kind, name),
    };

    /// <summary>The line of the trial balance that the account is part of, in plain words.</summary>
    internal static string Group(string kind, string name) => kind switch
    {
        AccountKind.Bank => $"Bank, {Rail(name)}",
        AccountKind.Deposit => "Deposits of requesters",
        AccountKind.Escrow => "Escrow of jobs",
        AccountKind.Payable => "Owed to workers",
        AccountKind.InTransit => "On the way to workers",
        AccountKind.Commons => "Commons",
        AccountKind.Fees => "Cooperative fees",
        AccountKind.Solidarity => "Solidarity: juries",
        AccountKind.Shortfall => "Shortfall, must be 0",
        _ => name,
    };

    /// <summary>The name without the id of one job or requester: <c>liabilities:job:…:escrow</c>.</summary>
    internal static string WithoutId(string kind, string name) =>
        kind is AccountKind.Deposit or AccountKind.Escrow
            ? string.Join(':', name.Split(':').Select((part, i) => i == 2 ? Hidden : part))
            : name;

    /// <summary>Where the account stands in the trial balance: what the cooperative has, owes, earns, spends.</summary>
    internal static int Rank(string kind) => kind switch
    {
        AccountKind.Bank => 0,
        AccountKind.Deposit => 1,
        AccountKind.Escrow => 2,
        AccountKind.Payable => 3,
        AccountKind.InTransit => 4,
        AccountKind.Commons => 5,
        AccountKind.Fees => 6,
        AccountKind.Solidarity => 7,
        _ => 8,
    };

    /// <summary>The kinds of entries that can move an account of this kind.</summary>
    internal static IReadOnlyList<string> MovedBy(string kind) => kind switch
    {
        AccountKind.Bank => [EntryKind.Deposit, EntryKind.PayoutSettled, EntryKind.PayoutReturned],
        AccountKind.Deposit => [EntryKind.Deposit, EntryKind.JobFunded, EntryKind.EscrowReturned],
        AccountKind.Escrow => [EntryKind.JobFunded, EntryKind.EscrowReturned, EntryKind.AssignmentPaid],
        AccountKind.Payable => [EntryKind.AssignmentPaid, EntryKind.PayoutIssued, EntryKind.PayoutFailed, EntryKind.PayoutReturned],
        AccountKind.InTransit => [EntryKind.PayoutIssued, EntryKind.PayoutSettled, EntryKind.PayoutFailed],
        _ => [EntryKind.AssignmentPaid],
    };

    /// <summary>The rail of a bank account: <c>sandbox</c>.</summary>
    internal static string Rail(string name) => name[(name.LastIndexOf(':') + 1)..];
}
