namespace Marketplace.Payment.Charts;

/// <summary>Payouts that stand in one state, or in several that are shown as one. In micro-units.</summary>
internal sealed record PayoutState
{
    /// <summary>The states in the order of the chart, as the database has them.</summary>
    internal static readonly IReadOnlyList<string> All = ["settled", "issued", "failed", "returned"];

    public required string Name { get; init; }
    public required long Payouts { get; init; }
    public required long AmountMicros { get; init; }

    /// <summary>A state in plain words.</summary>
    internal static string Plain(string state) => state switch
    {
        "settled" => "Arrived",
        "issued" => "On the way",
        "failed" => "Did not leave",
        _ => "Sent back",
    };

    /// <summary>States by their place in <see cref="All"/>, put together until each is of enough people.</summary>
    internal static IReadOnlyList<PayoutState> OfEnough(IReadOnlyList<(long Payouts, long AmountMicros)> states, IReadOnlyList<PeopleByPlaces> people, int fewest) =>
    [
        .. Groups.OfEnough(states.Count, place => states[place].Payouts == 0, group => Groups.People(people, group), fewest)
            .Select(group => new PayoutState
            {
                Name = string.Join(", ", Enumerable.Range(group.From, group.Places).Where(place => states[place].Payouts > 0 || group.Places == 1)
                    .Select((place, i) => i == 0 ? Plain(All[place]) : Plain(All[place]).ToLowerInvariant())),
                Payouts = states.Skip(group.From).Take(group.Places).Sum(s => s.Payouts),
                AmountMicros = states.Skip(group.From).Take(group.Places).Sum(s => s.AmountMicros),
            }),
    ];
}
