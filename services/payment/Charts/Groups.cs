namespace Marketplace.Payment.Charts;

/// <summary>Neighbours that a chart shows as one: from one place up to before another.</summary>
internal readonly record struct Group(int From, int To)
{
    public int Places => To - From;

    /// <summary>The bits of its places, for counting whoever is in any of them.</summary>
    public int Mask => ((1 << To) - 1) & ~((1 << From) - 1);
}

/// <summary>
/// Puts neighbours together until each group is of enough people to be shown. What nobody is in stays as it is: it tells about
/// nobody.
/// </summary>
internal static class Groups
{
    /// <summary>The groups in order; none where all together are too few.</summary>
    /// <param name="places">How many there are.</param>
    /// <param name="isEmpty">Whether there is nothing at all at a place.</param>
    /// <param name="people">How many different people are in a group, or fewer than that, never more.</param>
    /// <param name="fewest">The least number of people that is shown.</param>
    internal static IReadOnlyList<Group> OfEnough(int places, Func<int, bool> isEmpty, Func<Group, long> people, int fewest)
    {
        var groups = new List<Group>();
        Group? open = null;
        for (var place = 0; place < places; place++)
        {
            if (open is null && isEmpty(place))
            {
                groups.Add(new(place, place + 1));
                continue;
            }

            open = new Group(open?.From ?? place, place + 1);
            if (people(open.Value) < fewest)
                continue;
            groups.Add(open.Value);
            open = null;
        }

        // Those at the end are too few by themselves: they join the ones before.
        while (open is { } last)
        {
            if (groups.Count == 0)
                return [];
            open = new Group(groups[^1].From, last.To);
            groups.RemoveAt(groups.Count - 1);
            if (people(open.Value) < fewest)
                continue;
            groups.Add(open.Value);
            open = null;
        }

        return groups;
    }

    /// <summary>How many people are in any place of a group, of counts of people by the places that they are in.</summary>
    internal static long People(IReadOnlyList<PeopleByPlaces> counts, Group group) => counts.Where(c => (c.Places & group.Mask) != 0).Sum(c => c.People);
}

/// <summary>How many people are in exactly these places, a bit for each.</summary>
internal sealed record PeopleByPlaces
{
    public required int Places { get; init; }
    public required long People { get; init; }
}
