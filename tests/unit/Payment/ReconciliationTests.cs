using Marketplace.Payment.Deposits;
using Marketplace.Payment.Payouts;

namespace Marketplace.UnitTests.Payment;

/// <summary>What a rail's statement and the ledger may say of a payout at once, and what they may not.</summary>
public sealed class ReconciliationTests
{
    private static readonly Guid Id = Guid.Parse("0198c0de-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset Issued = new(2026, 3, 3, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("issued", true, null, 0, 0, 1)]
    [InlineData("issued", true, "Settled", 0, 1, 0)]
    [InlineData("issued", true, "Failed", 0, 1, 0)]
    [InlineData("issued", true, "Returned", 0, 1, 0)]
    [InlineData("settled", false, "Settled", 0, 0, 0)]
    [InlineData("settled", true, "Returned", 0, 1, 0)]
    [InlineData("failed", false, "Failed", 0, 0, 0)]
    [InlineData("failed", false, null, 0, 0, 0)]
    [InlineData("settled", false, null, 1, 0, 0)]
    [InlineData("returned", false, null, 1, 0, 0)]
    [InlineData("settled", false, "Failed", 1, 0, 0)]
    [InlineData("failed", false, "Settled", 1, 0, 0)]
    [InlineData(null, false, "Settled", 1, 0, 0)]
    [InlineData(null, false, "Failed", 0, 0, 0)]
    public void Ledger_and_rail_agree_or_a_person_must_look(string? ours, bool isOpen, string? theirs, int differences, int done, int unsent)
    {
        var result = Compare(ours is null ? [] : [Booked(ours, isOpen)], theirs is null ? [] : [Moved(Enum.Parse<RailState>(theirs))]);
        Assert.Equal((differences, done, unsent), (result.Differences.Count, result.Done, result.Unsent));
    }

    [Fact]
    public void Another_amount_or_another_account_is_a_difference()
    {
        Assert.Contains("the ledger says 3.00, the rail 3.01", Compare([Booked("issued", true)], [Moved(RailState.Settled) with { AmountMicros = 3_010_000 }]).Differences[0], StringComparison.Ordinal);
        Assert.Contains("the rail to SANDBOX-2", Compare([Booked("issued", true)], [Moved(RailState.Settled) with { Destination = "SANDBOX-2" }]).Differences[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_payout_from_before_the_statement_need_not_be_in_it()
    {
        var result = Reconciliation.Of([], [Booked("settled", false)], new HashSet<string>(), Issued.AddSeconds(1), _ => Issued);
        Assert.Empty(result.Differences);
    }

    [Fact]
    public void Money_that_came_in_and_is_not_booked_is_found()
    {
        var arrived = new RailMovement { At = Issued, AmountMicros = 1, State = RailState.Settled, Reference = "a", RequesterId = Id };
        var result = Reconciliation.Of([arrived, arrived with { Reference = "b" }], [], new HashSet<string> { "a" }, Issued, _ => Issued);
        Assert.Equal("b", Assert.Single(result.UnbookedDeposits).Reference);
        Assert.Empty(result.Differences);
    }

    private static Reconciliation Compare(BookedPayout[] booked, RailMovement[] statement) =>
        Reconciliation.Of(statement, booked, new HashSet<string>(), Issued, _ => Issued);

    private static BookedPayout Booked(string state, bool isOpen) =>
        new() { PayoutId = Id, Destination = "SANDBOX-1", AmountMicros = 3_000_000, State = state, IsOpen = isOpen };

    private static RailMovement Moved(RailState state) =>
        new() { At = Issued, AmountMicros = 3_000_000, State = state, PayoutId = Id, Destination = "SANDBOX-1" };
}
