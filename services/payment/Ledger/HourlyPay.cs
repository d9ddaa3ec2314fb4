using Marketplace.Payment.Charts;

namespace Marketplace.Payment.Ledger;

/// <summary>How many assignments were paid at one hourly rate. Every assignment with credited time is in exactly one.</summary>
internal sealed record HourlyRate
{
    /// <summary>The floor that held for these assignments, in micro-units an hour.</summary>
    public required long FloorMicrosPerHour { get; init; }

    /// <summary>Pay divided by credited time, cut to hundredths of a unit of currency an hour.</summary>
    public required int Hundredths { get; init; }

    /// <summary>Whether a top-up lifted them to the floor.</summary>
    public required bool Lifted { get; init; }
    public required long Assignments { get; init; }
    public required long CreditedMs { get; init; }
}

/// <summary>The distribution of hourly pay against the floor. Rates in micro-units an hour, cut to hundredths of a unit.</summary>
internal sealed record HourlyPay
{
    /// <summary>Bars: lifted to the floor, ten of one unit of currency an hour each, and all beyond.</summary>
    internal const int Bars = 12;

    private const long MicrosPerHundredth = 10_000;
    private const long HundredthsPerUnit = 100;

    public required long Assignments { get; init; }
    public required long CreditedMs { get; init; }

    /// <summary>The lowest rate, the lower tenth and the lower median; null without an assignment.</summary>
    public required long? LowestMicros { get; init; }
    public required long? LowestTenthMicros { get; init; }
    public required long? TypicalMicros { get; init; }

    /// <summary>Whether one floor held for all of them. If not, each assignment stands in the bar of its distance from its own floor.</summary>
    public required bool OneFloor { get; init; }

    /// <summary>The floor that held for most of them, in micro-units an hour; null without an assignment.</summary>
    public required long? FloorMicrosPerHour { get; init; }

    /// <summary>Assignments by bar: the first was lifted to the floor, each further one starts one unit above the one before.</summary>
    public required long[] Histogram { get; init; }

    /// <summary>The bars as they may be shown: neighbours together until enough people are in each; none where all are too few.</summary>
    public required IReadOnlyList<Group> Shown { get; init; }

    /// <summary>The distribution of these rates.</summary>
    /// <param name="rates">How many assignments at each.</param>
    /// <param name="people">How many people have an assignment in exactly these bars.</param>
    internal static HourlyPay Of(IEnumerable<HourlyRate> rates, IReadOnlyList<PeopleByPlaces> people)
    {
        var sorted = rates.Where(r => r.Assignments > 0).OrderBy(r => r.Hundredths).ToList();
        var count = sorted.Sum(r => r.Assignments);
        var floors = sorted.GroupBy(r => r.FloorMicrosPerHour).OrderByDescending(g => g.Sum(r => r.Assignments)).Select(g => g.Key).ToList();
        var histogram = new long[Bars];
        foreach (var rate in sorted)
            histogram[Bar(rate)] += rate.Assignments;

        return new HourlyPay
        {
            Assignments = count,
            CreditedMs = sorted.Sum(r => r.CreditedMs),
            LowestMicros = At(sorted, 1),
            LowestTenthMicros = At(sorted, (count + 9) / 10),
            TypicalMicros = At(sorted, (count + 1) / 2),
            OneFloor = floors.Count < 2,
            FloorMicrosPerHour = floors.Count == 0 ? null : floors[0],
            Histogram = histogram,
            Shown = Groups.OfEnough(Bars, bar => histogram[bar] == 0, group => Groups.People(people, group), LedgerFigures.FewestPeople),
        };
    }

    /// <summary>The assignments in these bars.</summary>
    internal long In(Group group) => Histogram[group.From..group.To].Sum();

    private static int Bar(HourlyRate rate)
    {
        var above = rate.Hundredths - (rate.FloorMicrosPerHour / MicrosPerHundredth);
        return rate.Lifted ? 0 : (int)Math.Clamp(1 + (above / HundredthsPerUnit), 1, Bars - 1);
    }

    private static long? At(List<HourlyRate> sorted, long rank)
    {
        foreach (var rate in sorted)
        {
            rank -= rate.Assignments;
            if (rank <= 0)
                return rate.Hundredths * MicrosPerHundredth;
        }

        return null;
    }
}
