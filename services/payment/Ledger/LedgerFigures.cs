namespace Marketplace.Payment.Ledger;

/// <summary>One line of the trial balance: an account, or all accounts of one kind.</summary>
internal sealed record BalanceLine
{
    public required string Kind { get; init; }

    /// <summary>The name, without the id where the line stands for several: <c>liabilities:job:…:escrow</c>.</summary>
    public required string Account { get; init; }

    /// <summary>How many accounts anybody can tell apart: all workers share one.</summary>
    public required long Number { get; init; }

    /// <summary>Debit positive, credit negative.</summary>
    public required long BalanceMicros { get; init; }

    public long DebitMicros => Math.Max(0, BalanceMicros);

    public long CreditMicros => Math.Max(0, -BalanceMicros);
}

/// <summary>The whole ledger in a few figures, all of one moment.</summary>
internal sealed record LedgerFigures
{
    /// <summary>No time, pay or count of people is shown of fewer: it would tell about one of them.</summary>
    internal const int FewestPeople = 5;

    public required DateTimeOffset At { get; init; }
    public required long Entries { get; init; }

    /// <summary>When the first entry was written; null while there is none.</summary>
    public required DateTimeOffset? Since { get; init; }
    public required IReadOnlyList<BalanceLine> TrialBalance { get; init; }

    /// <summary>The numbers of the entries that adopted pay policies: what a reader needs to compute any pay again.</summary>
    public required IReadOnlyList<long> PolicyEntries { get; init; }
    public required HourlyPay Hourly { get; init; }

    /// <summary>How many different people were ever paid.</summary>
    public required long People { get; init; }

    /// <summary>Payouts that arrived and did not come back.</summary>
    public required long ArrivedMicros { get; init; }

    public long OnTheWayMicros => Owed(AccountKind.InTransit);

    public long OnBalancesMicros => Owed(AccountKind.Payable);

    /// <summary>All that was ever paid to people: arrived, on the way, and on their balances.</summary>
    public long PaidMicros => ArrivedMicros + OnTheWayMicros + OnBalancesMicros;

    /// <summary>What escrows hold for jobs.</summary>
    public long SetAsideMicros => Owed(AccountKind.Escrow);

    public long DebitMicros => TrialBalance.Sum(l => l.DebitMicros);

    public long CreditMicros => TrialBalance.Sum(l => l.CreditMicros);

    /// <summary>Whether enough people were paid to show hours and hourly pay.</summary>
    public bool HasEnoughPeople => People >= FewestPeople;

    private long Owed(string kind) => -TrialBalance.Where(l => l.Kind == kind).Sum(l => l.BalanceMicros);
}
