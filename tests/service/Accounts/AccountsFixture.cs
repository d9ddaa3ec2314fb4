using Marketplace.Worker;

namespace Marketplace.ServiceTests.Accounts;

/// <summary>One worker service for the tests of signing in, with few tries before an email rests.</summary>
public sealed class AccountsFixture : IAsyncLifetime
{
    internal RunningService Worker { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Worker = await RunningService.Start(EventRoutes.Worker, WorkerService.Build, null, "--SignIn:Tries=3", "--SignIn:PerAddressAndMinute=100000");

    public ValueTask DisposeAsync() => Worker.DisposeAsync();

    internal Visitor Visitor(string? host = null) => new(Worker.Address, host);

    internal static string NewEmail() => $"{Guid.NewGuid():n}@example.org";
}
