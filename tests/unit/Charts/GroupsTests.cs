using Marketplace.Payment.Charts;
using Marketplace.Payment.Ledger;

namespace Marketplace.UnitTests.Charts;

/// <summary>No group of fewer people than may be shown is ever shown, and nothing gets lost.</summary>
public sealed class GroupsTests
{
    private const int Fewest = LedgerFigures.FewestPeople;

    [Fact]
    public void No_group_is_of_too_few_people_whoever_is_where() =>
        // Each person is in some of the places.
        Gen.Int[1, 12].SelectMany(places => Gen.Select(Gen.Const(places), Gen.Int[1, (1 << places) - 1].List[0, 40])).Sample((places, persons) =>
        {
            var counts = persons.GroupBy(p => p).Select(g => new PeopleByPlaces { Places = g.Key, People = g.Count() }).ToList();
            bool IsEmpty(int place) => persons.All(p => (p & (1 << place)) == 0);
            var groups = Groups.OfEnough(places, IsEmpty, group => Groups.People(counts, group), Fewest);

            foreach (var group in groups)
            {
                var people = persons.Count(p => (p & group.Mask) != 0);
                Assert.True(people >= Fewest || (group.Places == 1 && people == 0), $"{people} people from {group.From} to {group.To}");
            }

            var covered = groups.SelectMany(g => Enumerable.Range(g.From, g.Places)).ToList();
            Assert.True(persons.Count is > 0 and < Fewest ? covered.Count == 0 : covered.SequenceEqual(Enumerable.Range(0, places)));
        });

    [Fact]
    public void Neighbours_are_put_together_and_no_more_than_needed() =>
        Assert.Equal([new(0, 1), new(1, 3), new(3, 4), new(4, 6)], Of(7, 2, 4, 0, 5, 1));

    [Fact]
    public void The_last_ones_join_those_before_over_what_is_empty() => Assert.Equal([new(0, 4)], Of(5, 0, 0, 2));

    [Fact]
    public void Of_all_too_few_nothing_is_shown() => Assert.Empty(Of(1, 2, 0, 1));

    /// <summary>So many people in each place, none in two.</summary>
    private static IReadOnlyList<Group> Of(params long[] people) =>
        Groups.OfEnough(people.Length, place => people[place] == 0, g => people[g.From..g.To].Sum(), Fewest);
}
