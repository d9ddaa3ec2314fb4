using System.Text.Json.Serialization;
using Marketplace.Contracts;
using Marketplace.PayRule;
using Marketplace.Ui;

namespace Marketplace.Requester.Jobs;

/// <summary>Where a job is in its life.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobState>))]
internal enum JobState
{
    [JsonStringEnumMemberName("draft")]
    Draft = 1,

    /// <summary>Posted; payment has not said yet whether its terms can be funded.</summary>
    [JsonStringEnumMemberName("posted")]
    Posted = 2,

    [JsonStringEnumMemberName("running")]
    Running = 3,

    /// <summary>Its terms cannot be funded; the money is on its way back.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused = 4,

    /// <summary>No more claims; what is in work still comes in and is paid.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed = 5,

    /// <summary>Every end is settled and the rest of the money is back on the deposit.</summary>
    [JsonStringEnumMemberName("finished")]
    Finished = 6,
}

/// <summary>
/// A job with all that its requester may know of it now. Of a running job what people did is told as of the last step; of a finished one at once.
/// </summary>
internal sealed record JobView : Draft
{
    public required Guid JobId { get; init; }
    public required JobState State { get; init; }
    public required int Tasks { get; init; }

    /// <summary>Tasks times answers wanted of each.</summary>
    public required long AnswersWanted { get; init; }
    public required long Answers { get; init; }

    /// <summary>The hour that the last answer was given in.</summary>
    public required DateTimeOffset? LastAnswerAt { get; init; }

    /// <summary>
    /// The most answers that can be held back until <see cref="NextAnswersAt"/>: of those wanted the ones not shown yet. How many there really are
    /// is not told, since that number would move with each answer. 0 is: these are all, for good once the job is finished.
    /// </summary>
    public required long HeldBack { get; init; }

    /// <summary>When the next answers are shown, with all that goes with them; null where none are held back.</summary>
    public required DateTimeOffset? NextAnswersAt { get; init; }

    /// <summary>
    /// How many claims the money allows since the job began; null until it is funded. By what is told of the job's money as a whole, so that it
    /// moves with <see cref="Measured"/> and with the budget, and not with each person's end.
    /// </summary>
    public required long? Funded { get; init; }

    /// <summary>The most that one answer can cost.</summary>
    public required long? WorstMicros { get; init; }
    public required int? PolicyVersion { get; init; }

    /// <summary>Why the job was refused, and what would be accepted.</summary>
    public required string? Refusal { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? PostedAt { get; init; }
    public required DateTimeOffset? ClosedAt { get; init; }
    public required string? ClosedBy { get; init; }

    /// <summary>What the work took and paid, for the job as a whole; null until 5 people have worked on it, or it is finished.</summary>
    public required Measurement? Measured { get; init; }

    /// <summary>Answers of this step and of those before it can be seen.</summary>
    [JsonIgnore]
    public long SeenStep { get; init; }
}

/// <summary>What a job's work took and paid as a whole. Times and hourly pay only once 5 people have worked.</summary>
internal sealed record Measurement
{
    /// <summary>Under this many people, times and hourly pay would be about persons.</summary>
    public const int PeopleLeast = 5;

    public required int People { get; init; }
    public required long Submitted { get; init; }

    /// <summary>Ends without an answer; null where only money is told.</summary>
    public required long? Returned { get; init; }
    public required long? Expired { get; init; }
    public required long? Broken { get; init; }
    public required long PaidSubmittedMicros { get; init; }
    public required long PaidUnsubmittedMicros { get; init; }
    public required long TopUpMicros { get; init; }
    public required long FeeMicros { get; init; }
    public required long LevyMicros { get; init; }
    public required long EscrowMicros { get; init; }
    public required long? CreditedMs { get; init; }
    public required long[] CreditedQuartilesMs { get; init; }
    public required long? MeasuredMs { get; init; }
    public required long[] HourlyQuartilesMicros { get; init; }
    public required long? HourlyLowestMicros { get; init; }
    public required long[] HourlyHistogram { get; init; }
    public required int[] HourlyGroups { get; init; }
    public required bool Finished { get; init; }

    /// <summary>The job is finished, and fewer than 5 people worked on it: sums of money are told and nothing else.</summary>
    public required bool MoneyOnly { get; init; }

    /// <summary>Which of payment's messages this is; it tells nothing that is not told above.</summary>
    [JsonIgnore]
    public long Version { get; init; }

    [JsonIgnore]
    public long SpentMicros => PaidSubmittedMicros + PaidUnsubmittedMicros + FeeMicros + LevyMicros;

    [JsonIgnore]
    public bool HasTimes => People >= PeopleLeast && CreditedQuartilesMs.Length == 3;

    /// <summary>The bars of hourly pay as payment put them together: none of them is of fewer than five people.</summary>
    internal IReadOnlyList<HourlyGroup> HourlyBars()
    {
        var (bars, from) = (new List<HourlyGroup>(), 0);
        foreach (var places in HourlyGroups)
        {
            bars.Add(new(from, places, HourlyHistogram[from]));
            from += places;
        }

        return bars;
    }

    internal static Measurement From(JobMeasured measured)
    {
        var shown = measured.People >= PeopleLeast && !measured.MoneyOnly;
        return new()
        {
            People = measured.People,
            Submitted = measured.Submitted,
            Returned = shown ? measured.Returned : null,
            Expired = shown ? measured.Expired : null,
            Broken = shown ? measured.Broken : null,
            PaidSubmittedMicros = measured.PaidSubmittedMicros,
            PaidUnsubmittedMicros = measured.PaidUnsubmittedMicros,
            TopUpMicros = measured.TopUpMicros,
            FeeMicros = measured.FeeMicros,
            LevyMicros = measured.LevyMicros,
            EscrowMicros = measured.EscrowMicros,
            CreditedMs = shown ? measured.CreditedMs : null,
            CreditedQuartilesMs = shown ? measured.CreditedQuartilesMs : [],
            MeasuredMs = shown ? measured.MeasuredMs : null,
            HourlyQuartilesMicros = shown ? measured.HourlyQuartilesMicros : [],
            HourlyLowestMicros = shown ? measured.HourlyLowestMicros : null,

            // Measured before bars were put together: nobody knows how many people are in each.
            HourlyHistogram = shown && measured.HourlyGroups.Length > 0 ? measured.HourlyHistogram : [],
            HourlyGroups = shown ? measured.HourlyGroups : [],
            Finished = measured.Finished,
            MoneyOnly = !shown,
            Version = shown ? measured.Version : measured.Submitted,
        };
    }

    /// <summary>
    /// How many claims a job's money allows, by payment's own formula (<see cref="Funding.Funded"/>) over what was told last. What payment says itself
    /// is newer than that: it changes with each settled end, by what that end cost, which is one person's time.
    /// </summary>
    internal static long Funded(Measurement? measured, long budgetMicros, long worstMicros)
    {
        var (budget, worst) = (new Money(budgetMicros), new Money(Math.Max(1, worstMicros)));
        var posted = Funding.Funded(0, budget, Money.Zero, worst);
        if (measured is null)
            return posted;

        var ended = measured.Submitted + (measured.Returned + measured.Expired + measured.Broken ?? 0);
        var left = new Money(Math.Max(0, budgetMicros - measured.SpentMicros));
        return Math.Max(posted, Funding.Funded(ended, left, Money.Zero, worst));
    }
}
