using System.Text.Json;
using Marketplace.Bench;

namespace Marketplace.UnitTests.Bench;

/// <summary>What <c>deploy/bench --against</c> makes of two commits' reports, one of which may have been written by an older bench.</summary>
public sealed class PairsTests
{
    [Fact]
    public void A_rate_that_halves_a_p95_that_doubles_and_twice_the_cpu_are_each_twice_as_bad()
    {
        var (found, alone) = Compare((Report(Rounds(50, 1, 20, 4.5)), Report(Rounds(100, 1, 10, 2.25))));
        Assert.Empty(alone);
        Assert.Equal(
            [
                ("ms an operation (beside TPC-B)", 2.0), ("p95 ms (beside TPC-B)", 2.0),
                ("at most MB, payment", 1.0), ("CPU ms, all programs", 2.0),
            ],
            found.Select(f => (f.Name, Math.Round(f.Median, 6))));
    }

    [Fact]
    public void A_slow_machine_shows_in_the_ratio_and_not_in_the_one_by_the_baseline()
    {
        var (found, _) = Compare((Report(Rounds(50, 2, 20, 1)), Report(Rounds(100, 1, 10, 1))));
        var time = Assert.Single(found, f => f.Name.StartsWith("ms an operation", StringComparison.Ordinal));
        Assert.Equal((2.0, 1.0), (Math.Round(time.Median, 6), Math.Round(time.ByBaseline!.Value, 6)));
    }

    [Theory]
    [InlineData("351 completions/s", "702 completions/s", 2)]
    [InlineData("p95 120 ms from the submit to the entry's commit", "p95 60 ms from the submit to the entry's commit", 2)]
    [InlineData("at most 1,300 MB", "at most 1,000 MB", 1.3)]
    [InlineData("28.6 KB in 5 requests", "28.6 KB in 4 requests", 1)]
    [InlineData("5.20 ms of CPU a completion, all but the client", "5.20 ms of CPU a completion, all but the client", 1)]
    public void Without_rounds_a_figure_is_read_from_its_words(string now, string before, double ratio)
    {
        var (found, alone) = Compare((Report(Line("paid", "full load", now)), Report(Line("paid", "full load", before))));
        Assert.Empty(alone);
        Assert.Equal(ratio, Assert.Single(found).Median, 6);
    }

    [Fact]
    public void The_median_of_the_pairs_decides_and_one_bad_pair_does_not()
    {
        var pair = (Report(Line("memory", "payment, idle", "100 MB")), Report(Line("memory", "payment, idle", "100 MB")));
        var bad = (Report(Line("memory", "payment, idle", "300 MB")), Report(Line("memory", "payment, idle", "100 MB")));
        Assert.False(Assert.Single(Compare(pair, bad, pair).Found).IsOver);
        var worse = Assert.Single(Compare(bad, bad, pair).Found);
        Assert.True(worse.IsOver);
        Assert.Equal("1 of 1 medians are over 1.05: memory, payment, idle, # MB: 3.00.", Pairs.ToLastLine(1, [worse]));
    }

    [Theory]
    [InlineData("first page, 1,000,017 entries", "first page, 1,000,000 entries")]
    [InlineData("lag, 99/s", "lag, 100/s")]
    [InlineData("gateway, at 130 completions/s", "gateway, at 188 completions/s")]
    [InlineData("1,000,000 entries verified, 480 MB downloaded before", "1,000,020 entries verified, 401 MB downloaded before")]
    public void Sizes_and_rates_in_the_name_of_a_case_do_not_keep_two_runs_apart(string now, string before) =>
        Assert.Single(Compare((Report(Line("row", now, "1 MB")), Report(Line("row", before, "1 MB")))).Found);

    [Fact]
    public void Other_sizes_are_other_cases_and_what_only_one_side_has_is_named()
    {
        var (found, alone) = Compare(
            (Report(Line("work", "1,000 tasks, 8 workers", "1 MB")), Report(Line("work", "1,000 tasks, 1 workers", "1 MB"))));
        Assert.Empty(found);
        Assert.Equal(2, alone.Count);
        Assert.Equal("Nothing could be compared: no figure is in every report.", Pairs.ToLastLine(0, []));
    }

    private static (IReadOnlyList<FigureOfPairs> Found, IReadOnlyList<string> Alone) Compare(params (string New, string Old)[] pairs) =>
        Pairs.Compare([.. pairs.Select(pair => (Read(pair.New), Read(pair.Old)))]);

    private static IReadOnlyList<Figure> Read(string report) => Figures.Of(JsonElement.Parse(report));

    private static string Report(params string[] lines) => $$"""{"lines": [{{string.Join(',', lines)}}]}""";

    private static string Line(string row, string @case, string figure) =>
        $$"""{"row": "{{row}}", "case": "{{@case}}", "figure": "{{figure}}", "baseline": "", "note": "", "rounds": null}""";

    /// <summary>A line with rounds as reports have them; the baseline does a thousand operations in so many seconds.</summary>
    private static string Rounds(int operations, double baselineSeconds, double p95, double cpu) => $$"""
        {
          "row": "paid", "case": "full load", "figure": "{{operations}} completions/s", "baseline": "TPC-B: 1,000/s",
          "note": "at most 290 MB payment; CPU ms: postgres {{cpu}}, client {{cpu}}",
          "rounds": {
            "ours": [{"operations": {{operations}}, "seconds": 1, "p95Ms": {{p95}}}],
            "baseline": [{"operations": 1000, "seconds": {{baselineSeconds}}, "p95Ms": "NaN"}]
          }
        }
        """;
}
