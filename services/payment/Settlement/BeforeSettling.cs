using Marketplace.Payment.Escrow;
using Marketplace.Payment.Ledger;
using Marketplace.PayRule;

namespace Marketplace.Payment.Settlement;

/// <summary>All that settling looks at, and holds: the jobs, then the ledger are locked, and the rest is as it stands under both locks.</summary>
internal sealed record BeforeSettling
{
    /// <summary>The jobs that are known.</summary>
    internal required Dictionary<Guid, Job> Jobs { get; init; }
    internal required LedgerHead Head { get; init; }

    /// <summary>The jobs that are posted now that the ledger is locked: a job that is not among those above may have been posted while that was waited for.</summary>
    internal required HashSet<Guid> Posted { get; init; }

    /// <summary>The assignments that have their entry.</summary>
    internal required HashSet<Guid> Settled { get; init; }
    internal required Dictionary<int, PayPolicy> Policies { get; init; }

    /// <summary>By name, those that exist.</summary>
    internal required Dictionary<string, AccountBalance> Accounts { get; init; }
}
