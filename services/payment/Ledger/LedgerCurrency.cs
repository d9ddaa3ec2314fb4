namespace Marketplace.Payment.Ledger;

/// <summary>The installation's one currency (ISO 4217).</summary>
internal sealed record LedgerCurrency(string Code);
