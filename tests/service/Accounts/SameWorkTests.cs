using System.Diagnostics.Metrics;
using System.Net.Http.Json;

namespace Marketplace.ServiceTests.Accounts;

/// <summary>Alone, because it counts what the whole process does.</summary>
[CollectionDefinition(nameof(SameWorkTests), DisableParallelization = true)]
public sealed class Alone;

/// <summary>Time tells nobody which emails have an account: the same passwords are hashed either way. Counted, because a clock is never sure.</summary>
[Collection(nameof(SameWorkTests))]
public sealed class SameWorkTests(AccountsFixture accounts) : IClassFixture<AccountsFixture>
{
    [Fact]
    public async Task A_try_costs_the_same_work_whether_the_email_has_an_account_or_not()
    {
        var known = AccountsFixture.NewEmail();
        using var program = accounts.Worker.Anybody();
        await program.PostAsJsonAsync("/sign-up", new { name = "Robin", email = known, password = Visitor.Password }, TestContext.Current.CancellationToken);

        // Three tries, and the fourth finds that the email rests.
        foreach (var expected in (long[])[1, 1, 1, 0])
        {
            Assert.Equal(expected, await HashesOf("/sign-in", known));
            Assert.Equal(expected, await HashesOf("/sign-in", AccountsFixture.NewEmail(), tries: expected == 0 ? 3 : 0));
        }

        Assert.Equal(1, await HashesOf("/sign-up", known));
        Assert.Equal(1, await HashesOf("/sign-up", AccountsFixture.NewEmail()));
    }

    private async Task<long> HashesOf(string address, string email, int tries = 0)
    {
        using var program = accounts.Worker.Anybody();
        for (var i = 0; i < tries; i++)
            await program.PostAsJsonAsync(address, new { email, password = "wrong" }, TestContext.Current.CancellationToken);

        long hashed = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "marketplace.passwords.hashed")
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, measured, _, _) => Interlocked.Add(ref hashed, measured));
        listener.Start();
        await program.PostAsJsonAsync(address, new { name = "Robin", email, password = "another of several words" }, TestContext.Current.CancellationToken);
        return hashed;
    }
}
