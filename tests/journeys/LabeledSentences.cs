namespace Marketplace.JourneyTests;

/// <summary>A marketplace in which one person has labeled a job, with their browser: enough of a ledger to look at.</summary>
public sealed class LabeledSentences : IAsyncLifetime
{
    internal RunningMarketplace Marketplace { get; } = new();

    internal Person Worker { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await Marketplace.InitializeAsync();
        await using var requester = await Marketplace.Somebody();
        await Sentences.Posts(requester);
        Worker = await Marketplace.Somebody();
        await Sentences.Labels(Worker, Marketplace, TimeSpan.FromSeconds(20));
        await Worker.SeesSoon("/earnings", "Verify all 3 proofs");
    }

    public async ValueTask DisposeAsync()
    {
        if (Worker is not null)
            await Worker.DisposeAsync();
        await Marketplace.DisposeAsync();
    }
}
