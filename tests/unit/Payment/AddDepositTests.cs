using Marketplace.Payment.Deposits;

namespace Marketplace.UnitTests.Payment;

public sealed class AddDepositTests
{
    private static readonly Guid Requester = Guid.Parse("0193c2a5-5b7a-7c51-b1f2-3f1f6a1b2c3d");

    [Fact]
    public void A_deposit_that_is_asked_of_the_rail_again_has_the_same_reference()
    {
        var reference = AddDeposit.Reference(Requester, "monday", new Money(10_000));
        Assert.Equal(reference, AddDeposit.Reference(Requester, "monday", new Money(10_000)));
        Assert.Distinct([
            reference, AddDeposit.Reference(Guid.Empty, "monday", new Money(10_000)), AddDeposit.Reference(Requester, "tuesday", new Money(10_000)),
            AddDeposit.Reference(Requester, "monday", new Money(20_000))]);
    }
}
