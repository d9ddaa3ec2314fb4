using Marketplace.Payment.Deposits;
using Marketplace.Payment.Ledger;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment;

/// <summary>What the verbs need that take money in or pay it out: the ledger's database, and the rail that the money takes.</summary>
internal sealed record CashDesk(NpgsqlDataSource Database, TimeProvider Clock, LedgerCurrency Currency, IPaymentRail Rail, OutboxSignal Signal);
