
namespace Marketplace.Payment.Ledger;

/// <summary>
/// An account of the ledger by its plain-text-accounting name. A worker's sub-account is named with the worker's id inside this
/// service only; its <see cref="PublicName"/> is the control account that all workers share.
/// </summary>
internal sealed record Account(string Kind, string Name, string PublicName, Guid? RequesterId = null, Guid? JobId = null, Guid? WorkerId = null)
{
    internal static readonly Account Commons = new("commons", "liabilities:commons", "liabilities:commons");
    internal static readonly Account Fees = new("fees", "income:fees", "income:fees");
    internal static readonly Account Solidarity = new("solidarity", "expenses:solidarity", "expenses:solidarity");
    internal static readonly Account Shortfall = new("shortfall", "expenses:shortfall", "expenses:shortfall");

    /// <summary>The money that a rail holds for us.</summary>
    internal static Account Bank(string rail) => new("bank", $"assets:bank:{rail}", $"assets:bank:{rail}");

    /// <summary>What a requester has paid in and not set aside.</summary>
    internal static Account Deposit(Guid requester) =>
        new("deposit", $"liabilities:requester:{requester}:deposit", $"liabilities:requester:{requester}:deposit", RequesterId: requester);

    /// <summary>What is left of a job's budget.</summary>
    internal static Account Escrow(Guid job) => new("escrow", $"liabilities:job:{job}:escrow", $"liabilities:job:{job}:escrow", JobId: job);

    /// <summary>What a worker has earned and not cashed out.</summary>
    internal static Account Payable(Guid worker) => new("payable", $"liabilities:workers:payable:{worker}", "liabilities:workers:payable", WorkerId: worker);

    /// <summary>What is on its way to a worker's bank account.</summary>
    internal static Account InTransit(Guid worker) => new("in-transit", $"liabilities:workers:in-transit:{worker}", "liabilities:workers:in-transit", WorkerId: worker);
}
