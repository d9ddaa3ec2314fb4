using System.Text.RegularExpressions;
using Marketplace.Contracts;

namespace Marketplace.Payment.Deposits;

/// <summary>
/// Play money: every deposit arrives at once, every payout settles by itself. Accounts are named SANDBOX-1 and so on, so that nobody types a
/// real one; one that ends in 13 does not exist (the payout fails), one that ends in 17 sends the money back after it arrived, and the bank of
/// one that ends in 19 never answers (the money stays in transit). What it did it knows from its own record, as a bank would, whatever becomes
/// of our database.
/// </summary>
internal sealed partial class SandboxRail(SandboxRecordStore record) : IPaymentRail
{
    internal const string DefaultAccount = "SANDBOX-1";

    public string Name => "sandbox";

    public bool IsPlayMoney => true;

    public string? Refuses(string destination) =>
        AccountName().IsMatch(destination) ? null : "This is play money: a sandbox account is SANDBOX- and 1 to 12 digits, as in SANDBOX-1. Do not give a real account.";

    public Task Collect(string reference, Guid requester, Money amount, CancellationToken cancel) => record.Move(
        reference,
        (before, now) => before ?? new RailMovement
        {
            At = now, AmountMicros = amount.Micros, State = RailState.Settled, Reference = reference, RequesterId = requester,
        },
        known => known,
        cancel);

    public Task<RailAnswer> Send(Guid payout, string destination, Money amount, CancellationToken cancel)
    {
        if (destination.EndsWith("19", StringComparison.Ordinal))
            return Task.FromException<RailAnswer>(new TaskCanceledException("The bank does not answer."));

        var sendsBack = destination.EndsWith("17", StringComparison.Ordinal);
        var first = destination.EndsWith("13", StringComparison.Ordinal) ? RailState.Failed : RailState.Settled;
        return record.Move(
            payout.ToString(),
            (before, now) => before switch
            {
                null => new RailMovement { At = now, AmountMicros = amount.Micros, State = first, PayoutId = payout, Destination = destination },
                { State: RailState.Settled } when sendsBack => before with { At = now, State = RailState.Returned },
                _ => before,
            },
            known => known.State switch
            {
                RailState.Failed => new RailAnswer(known.State, "The account does not exist."),
                RailState.Returned => new RailAnswer(known.State, "The account was closed."),
                _ => new RailAnswer(known.State, AskAgain: sendsBack),
            },
            cancel);
    }

    public Task<IReadOnlyCollection<RailMovement>> Statement(DateTimeOffset since, CancellationToken cancel) => record.Since(since, cancel);

    [GeneratedRegex("^SANDBOX-[0-9]{1,12}$")]
    private static partial Regex AccountName();
}
