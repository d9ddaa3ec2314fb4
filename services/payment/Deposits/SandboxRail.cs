using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Marketplace.Contracts;

namespace Marketplace.Payment.Deposits;

/// <summary>
/// Play money: every deposit arrives at once, every payout settles by itself. Accounts are named SANDBOX-1 and so on, so that nobody types a
/// real one; one that ends in 13 does not exist (the payout fails), one that ends in 17 sends the money back after it arrived, and the bank of
/// one that ends in 19 never answers (the money stays in transit).
/// </summary>
internal sealed partial class SandboxRail : IPaymentRail
{
    internal const string DefaultAccount = "SANDBOX-1";

    private readonly ConcurrentDictionary<Guid, bool> _arrived = new();

    public string Name => "sandbox";

    public bool IsPlayMoney => true;

    public string? Refuses(string destination) =>
        AccountName().IsMatch(destination) ? null : "This is play money: a sandbox account is SANDBOX- and 1 to 12 digits, as in SANDBOX-1. Do not give a real account.";

    public Task Collect(string reference, Guid requester, Money amount, CancellationToken cancel) => Task.CompletedTask;

    public Task<RailAnswer> Send(Guid payout, string destination, Money amount, CancellationToken cancel)
    {
        if (destination.EndsWith("13", StringComparison.Ordinal))
            return Task.FromResult(new RailAnswer(RailState.Failed, "The account does not exist."));
        if (destination.EndsWith("19", StringComparison.Ordinal))
            return Task.FromException<RailAnswer>(new TaskCanceledException("The bank does not answer."));
        if (!destination.EndsWith("17", StringComparison.Ordinal))
            return Task.FromResult(new RailAnswer(RailState.Settled));

        return Task.FromResult(_arrived.TryAdd(payout, true)
            ? new RailAnswer(RailState.Settled, AskAgain: true)
            : new RailAnswer(RailState.Returned, "The account was closed."));
    }

    [GeneratedRegex("^SANDBOX-[0-9]{1,12}$")]
    private static partial Regex AccountName();
}
