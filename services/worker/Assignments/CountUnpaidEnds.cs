using Marketplace.Platform;

namespace Marketplace.Worker.Assignments;

/// <summary>Whether wages flow: the first two numbers that an operator looks at.</summary>
internal static class CountUnpaidEnds
{
    internal static void AddNumbers(IServiceCollection services)
    {
        services.AddSingleton(new StandingNumber(
            "marketplace.worker.oldest_unpaid_end", "s", "Age of the oldest end that payment has not answered with worker-paid; 0 where there is none.", AgeOfOldest));
        services.AddSingleton(new StandingNumber("marketplace.worker.unpaid_ends", "{end}", "Ends that payment has not answered with worker-paid.", Count));
    }

    // Both walk assignment_end_unpaid, which holds next to nothing.
    private const string AgeOfOldest = """
        select coalesce(extract(epoch from @Now - min(ended_at)), 0)
        from assignment_end
        where entry_number is null
        """;

    private const string Count = """
        select count(*)
        from assignment_end
        where entry_number is null
        """;
}
