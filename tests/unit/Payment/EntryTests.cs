using Marketplace.Payment.Ledger;

namespace Marketplace.UnitTests.Payment;

public sealed class EntryTests
{
    private static readonly Guid Job = Guid.Parse("0198b1c2-0000-7000-8000-00000000000a");
    private static readonly Guid Requester = Guid.Parse("0198b1c2-0000-7000-8000-00000000000b");
    private static readonly Guid Assignment = Guid.Parse("0198b1c2-0000-7000-8000-00000000000c");
    private static readonly Guid Payout = Guid.Parse("0198b1c2-0000-7000-8000-00000000000d");
    private static readonly WorkerMark Worker = new(Guid.Parse("0198b1c2-0000-7000-8000-00000000000e"), new byte[32]);

    private static readonly Gen<Money> Amounts = Gen.OneOf(Gen.Const(0L), Gen.Long[0, 1_000_000_000_000]).Select(micros => new Money(micros));

    [Fact]
    public void Every_entry_sums_to_zero_and_has_no_empty_posting() =>
        Gen.Select(Amounts, Amounts, Amounts, Gen.Double.Unit).Sample((pay, fee, levy, lacking) =>
        {
            var shortfall = new Money((long)((pay + fee + levy).Micros * lacking));
            return new[]
            {
                Entry.PolicyAdopted(1),
                Entry.Deposited("sandbox", "r1", Requester, pay),
                Entry.JobFunded(Job, Requester, pay + fee, fee),
                Entry.EscrowReturned(Job, Requester, pay + fee, pay),
                Entry.AssignmentPaid(Assignment, Job, Worker, pay, fee, levy, shortfall),
                Step(EntryKind.PayoutIssued, pay), Step(EntryKind.PayoutSettled, pay), Step(EntryKind.PayoutFailed, pay), Step(EntryKind.PayoutReturned, pay),
            }.All(entry => Sum(entry) == Money.Zero && entry.Postings.All(posting => posting.Amount != Money.Zero));
        });

    [Fact]
    public void A_pay_goes_from_escrow_to_worker_fee_and_commons()
    {
        var entry = Entry.AssignmentPaid(Assignment, Job, Worker, new Money(250_000), new Money(45_000), new Money(5_000), Money.Zero);

        Assert.Equal(
            [
                new Posting(Account.Escrow(Job), new Money(300_000)),
                new Posting(Account.Payable(Worker.WorkerId), new Money(-250_000)),
                new Posting(Account.Fees, new Money(-45_000)),
                new Posting(Account.Commons, new Money(-5_000)),
            ],
            entry.Postings);
    }

    [Fact]
    public void An_end_that_pays_nothing_makes_an_entry_without_postings() =>
        Assert.Empty(Entry.AssignmentPaid(Assignment, Job, Worker, Money.Zero, Money.Zero, Money.Zero, Money.Zero).Postings);

    [Fact]
    public void A_worker_is_not_in_the_public_name_of_an_account()
    {
        Assert.All([Account.Payable(Worker.WorkerId), Account.InTransit(Worker.WorkerId)], account =>
        {
            Assert.Contains(Worker.WorkerId.ToString(), account.Name, StringComparison.Ordinal);
            Assert.DoesNotContain(Worker.WorkerId.ToString(), account.PublicName, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_payout_is_resolved_at_most_once()
    {
        Assert.Equal(Step(EntryKind.PayoutSettled, new Money(1)).Key, Step(EntryKind.PayoutFailed, new Money(1)).Key);
        Assert.Equal(3, new[] { EntryKind.PayoutIssued, EntryKind.PayoutSettled, EntryKind.PayoutReturned }.Select(kind => Step(kind, new Money(1)).Key).Distinct().Count());
    }

    [Fact]
    public void Keys_are_those_that_were_promised()
    {
        Assert.Equal($"assignment:{Assignment}", Entry.AssignmentPaid(Assignment, Job, Worker, Money.Zero, Money.Zero, Money.Zero, Money.Zero).Key);
        Assert.Equal($"job:{Job}:budget:7", Entry.JobFunded(Job, Requester, new Money(7), new Money(3)).Key);
        Assert.Equal("deposit:sandbox:r1", Entry.Deposited("sandbox", "r1", Requester, new Money(3)).Key);
        Assert.Equal($"payout:{Payout}:issued", Step(EntryKind.PayoutIssued, new Money(1)).Key);
    }

    private static Entry Step(string kind, Money amount) => Entry.PayoutStep(Payout, kind, "sandbox", Worker, amount);

    private static Money Sum(Entry entry) => entry.Postings.Aggregate(Money.Zero, (sum, posting) => sum + posting.Amount);
}
