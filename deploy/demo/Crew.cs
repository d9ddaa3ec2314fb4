namespace Marketplace.Demo;

/// <summary>The scripted workers: eight people of different pace and care, each with an account of their own.</summary>
internal static class Crew
{
    private static readonly Person[] People =
    [
        new("Ada", Pace: 0.75, Care: 0.93, Returns: 0.01),
        new("Bela", Pace: 0.85, Care: 0.95, Returns: 0.02),
        new("Chidi", Pace: 0.95, Care: 0.97, Returns: 0.02),
        new("Dana", Pace: 1.0, Care: 0.9, Returns: 0.04),
        new("Emre", Pace: 1.1, Care: 0.96, Returns: 0.02),
        new("Fatou", Pace: 1.35, Care: 0.98, Returns: 0.03),
        new("Goran", Pace: 1.8, Care: 0.97, Returns: 0.06),
        new("Hana", Pace: 2.6, Care: 0.99, Returns: 0.03),
    ];

    /// <summary>Everybody works until <paramref name="stop"/>, and then finishes what is open.</summary>
    internal static Task Work(HttpClient http, string password, IReadOnlyDictionary<Guid, DemoJob> jobs, CancellationToken stop) =>
        Task.WhenAll(People.Select(async (person, n) =>
        {
            var visitor = new Visitor(http, "");
            await visitor.Enter(person.Name, $"{person.Name.ToLowerInvariant()}@demo.example", password);
            await new Shift(person, visitor, jobs, new Random(n)).Run(stop);
        }));
}

/// <summary>How somebody works.</summary>
/// <param name="Name">What they are called.</param>
/// <param name="Pace">Time taken, as a multiple of what the task asks for.</param>
/// <param name="Care">How often the answer is a good one.</param>
/// <param name="Returns">How often a task is given back instead.</param>
internal sealed record Person(string Name, double Pace, double Care, double Returns);
