using Marketplace.Contracts;

namespace Marketplace.PayRule;

/// <summary>
/// Every parameter of the pay rule: the floor, what the cooperative charges, and how time is counted. Members adopt a
/// policy as a whole under a new version and never edit one; the version that is in force when a job is funded holds to
/// the job's end. Rates are in basis points (1 bps = 0.01 %). <see cref="Validate"/> says what each parameter accepts.
/// </summary>
public sealed record PayPolicy
{
    /// <summary>1, 2, 3 …, in the order of adoption.</summary>
    public required int Version { get; init; }

    /// <summary>Jobs funded from this moment on are under this policy.</summary>
    public required DateTimeOffset InForceFrom { get; init; }

    /// <summary>The least that an hour of credited time is paid.</summary>
    public required Money FloorPerHour { get; init; }

    /// <summary>The cooperative's fee, of pay, on top of it; of submitted assignments only.</summary>
    public required int FeeBps { get; init; }

    /// <summary>The levy for the commons, of pay, on top of it; of submitted assignments only.</summary>
    public required int LevyBps { get; init; }

    /// <summary>The shortest time limit a job can have.</summary>
    public required Duration LimitLeast { get; init; }

    /// <summary>A time limit is at least this many times the estimate, and at most twice that.</summary>
    public required int LimitFactor { get; init; }

    /// <summary>Reading time for each word of the instructions.</summary>
    public required Duration ReadingPerWord { get; init; }

    /// <summary>The most reading time, however long the instructions.</summary>
    public required Duration ReadingMost { get; init; }

    /// <summary>The shortest time a claim is held without its end.</summary>
    public required Duration LeaseLeast { get; init; }

    /// <summary>An answer is taken from (estimate ÷ this) after the claim on.</summary>
    public required int EarliestSubmitDivisor { get; init; }

    /// <summary>The shortest idle limit: a silence up to the idle limit counts as work.</summary>
    public required Duration IdleLeast { get; init; }

    /// <summary>The longest idle limit.</summary>
    public required Duration IdleMost { get; init; }

    /// <summary>The allowance of 24 hours that everybody has.</summary>
    public required Duration AllowanceBase { get; init; }

    /// <summary>What the allowance grows by: a share of the credited time of answers submitted in these 24 hours.</summary>
    public required int AllowanceShareBps { get; init; }

    /// <summary>An assignment without an answer is paid from this much active time on.</summary>
    public required Duration Grace { get; init; }

    /// <summary>Whoever was credited this much in 24 hours makes no more claims for now.</summary>
    public required Duration MostCreditedIn24h { get; init; }

    /// <summary>Measured time counts from this many submitted answers on …</summary>
    public required int PriceSample { get; init; }

    /// <summary>… by at least this many workers.</summary>
    public required int PriceWorkers { get; init; }

    /// <summary>A reward under this share of the measured price rises.</summary>
    public required int PriceBandBps { get; init; }

    /// <summary>The most a reward becomes in one step, as a share of what it was.</summary>
    public required int PriceStepBps { get; init; }

    /// <summary>A job that its requester does not close is closed after this.</summary>
    public required Duration JobLife { get; init; }

    /// <summary>The policy an installation starts with: 15.00 an hour, fee 18 %, levy 2 %.</summary>
    public static PayPolicy Default(int version, DateTimeOffset inForceFrom) => new()
    {
        Version = version,
        InForceFrom = inForceFrom,
        FloorPerHour = new Money(15_000_000),
        FeeBps = 1800,
        LevyBps = 200,
        LimitLeast = Duration.Seconds(60),
        LimitFactor = 5,
        ReadingPerWord = new Duration(300),
        ReadingMost = Duration.Seconds(600),
        LeaseLeast = Duration.Seconds(10 * 60),
        EarliestSubmitDivisor = 4,
        IdleLeast = Duration.Seconds(30),
        IdleMost = Duration.Seconds(120),
        AllowanceBase = Duration.Seconds(300),
        AllowanceShareBps = 300,
        Grace = Duration.Seconds(30),
        MostCreditedIn24h = Duration.Seconds(10 * 3600),
        PriceSample = 20,
        PriceWorkers = 8,
        PriceBandBps = 9000,
        PriceStepBps = 15_000,
        JobLife = Duration.Seconds(90 * 24 * 3600),
    };

    /// <summary>The policy as payment published it.</summary>
    public static PayPolicy From(PayPolicyAdopted adopted) => new()
    {
        Version = adopted.Version,
        InForceFrom = adopted.InForceFrom,
        FloorPerHour = new Money(adopted.FloorMicrosPerHour),
        FeeBps = adopted.FeeBps,
        LevyBps = adopted.LevyBps,
        LimitLeast = new Duration(adopted.LimitLeastMs),
        LimitFactor = adopted.LimitFactor,
        ReadingPerWord = new Duration(adopted.ReadingPerWordMs),
        ReadingMost = new Duration(adopted.ReadingMostMs),
        LeaseLeast = new Duration(adopted.LeaseLeastMs),
        EarliestSubmitDivisor = adopted.EarliestSubmitDivisor,
        IdleLeast = new Duration(adopted.IdleLeastMs),
        IdleMost = new Duration(adopted.IdleMostMs),
        AllowanceBase = new Duration(adopted.AllowanceBaseMs),
        AllowanceShareBps = adopted.AllowanceShareBps,
        Grace = new Duration(adopted.GraceMs),
        MostCreditedIn24h = new Duration(adopted.MostCreditedIn24hMs),
        PriceSample = adopted.PriceSample,
        PriceWorkers = adopted.PriceWorkers,
        PriceBandBps = adopted.PriceBandBps,
        PriceStepBps = adopted.PriceStepBps,
        JobLife = new Duration(adopted.JobLifeMs),
    };

    /// <summary>The policy as payment publishes it.</summary>
    public PayPolicyAdopted ToEvent() => new()
    {
        Version = Version,
        InForceFrom = InForceFrom,
        FloorMicrosPerHour = FloorPerHour.Micros,
        FeeBps = FeeBps,
        LevyBps = LevyBps,
        LimitLeastMs = LimitLeast.Ms,
        LimitFactor = LimitFactor,
        ReadingPerWordMs = ReadingPerWord.Ms,
        ReadingMostMs = ReadingMost.Ms,
        LeaseLeastMs = LeaseLeast.Ms,
        EarliestSubmitDivisor = EarliestSubmitDivisor,
        IdleLeastMs = IdleLeast.Ms,
        IdleMostMs = IdleMost.Ms,
        AllowanceBaseMs = AllowanceBase.Ms,
        AllowanceShareBps = AllowanceShareBps,
        GraceMs = Grace.Ms,
        MostCreditedIn24hMs = MostCreditedIn24h.Ms,
        PriceSample = PriceSample,
        PriceWorkers = PriceWorkers,
        PriceBandBps = PriceBandBps,
        PriceStepBps = PriceStepBps,
        JobLifeMs = JobLife.Ms,
    };

    /// <summary>What the floor owes for a time: ⌈floor · time⌉, rounded up to the micro-unit.</summary>
    public Money Owed(Duration credited) => Exact.PerHour(FloorPerHour, credited);

    /// <summary>The fee on a pay, rounded down.</summary>
    public Money Fee(Money pay) => Exact.Share(pay, FeeBps);

    /// <summary>The levy on a pay, rounded down for itself.</summary>
    public Money Levy(Money pay) => Exact.Share(pay, LevyBps);

    /// <summary>What a requester is charged for a pay: pay, fee and levy.</summary>
    public Money WithCharges(Money pay) => pay + Fee(pay) + Levy(pay);

    /// <summary>
    /// Every parameter that is out of its range, by name, with what it accepts; none for a policy that can be adopted. The
    /// ranges only keep the arithmetic sane and typing errors out: what is fair is for the members to say.
    /// </summary>
    public IReadOnlyList<WrongParameter> Validate()
    {
        const long second = 1000, hour = 3600 * second, day = 24 * hour;
        var wrong = new List<WrongParameter>();

        void Within(string parameter, long value, long least, long most, string unit)
        {
            if (value < least || value > most)
                wrong.Add(new WrongParameter(parameter, FormattableString.Invariant($"{least:N0} to {most:N0} {unit}")));
        }

        Within(nameof(Version), Version, 1, int.MaxValue, "");
        Within(nameof(FloorPerHour), FloorPerHour.Micros, 1, 10_000_000_000_000, "micro-units an hour");
        Within(nameof(FeeBps), FeeBps, 0, 10_000, "basis points");
        Within(nameof(LevyBps), LevyBps, 0, 10_000, "basis points");
        Within(nameof(LimitLeast), LimitLeast.Ms, second, 4 * hour, "ms");
        Within(nameof(LimitFactor), LimitFactor, 1, 100, "times the estimate");
        Within(nameof(ReadingPerWord), ReadingPerWord.Ms, 0, 10 * second, "ms");
        Within(nameof(ReadingMost), ReadingMost.Ms, 0, 4 * hour, "ms");
        Within(nameof(LeaseLeast), LeaseLeast.Ms, second, 7 * day, "ms");
        Within(nameof(EarliestSubmitDivisor), EarliestSubmitDivisor, 1, 1000, "parts of the estimate");
        Within(nameof(IdleLeast), IdleLeast.Ms, second, hour, "ms");
        Within(nameof(IdleMost), IdleMost.Ms, Math.Max(second, IdleLeast.Ms), hour, "ms");
        Within(nameof(AllowanceBase), AllowanceBase.Ms, 0, day, "ms");
        Within(nameof(AllowanceShareBps), AllowanceShareBps, 0, 10_000, "basis points");
        Within(nameof(Grace), Grace.Ms, 0, hour, "ms");
        Within(nameof(MostCreditedIn24h), MostCreditedIn24h.Ms, second, day, "ms");
        Within(nameof(PriceSample), PriceSample, 1, 1_000_000, "answers");
        Within(nameof(PriceWorkers), PriceWorkers, 1, Math.Max(1, PriceSample), "workers");
        Within(nameof(PriceBandBps), PriceBandBps, 1, 10_000, "basis points");
        Within(nameof(PriceStepBps), PriceStepBps, 10_000, 1_000_000, "basis points");
        Within(nameof(JobLife), JobLife.Ms, hour, 3650 * day, "ms");
        return wrong;
    }
}

/// <summary>A parameter of a policy that cannot be adopted, and what would be accepted.</summary>
/// <param name="Parameter">The member of <see cref="PayPolicy"/>.</param>
/// <param name="Accepted">The range, in the parameter's unit.</param>
public sealed record WrongParameter(string Parameter, string Accepted);
