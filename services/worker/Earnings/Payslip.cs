using Marketplace.Contracts;
using Marketplace.PayRule;

namespace Marketplace.Worker.Earnings;

/// <summary>An assignment that has ended, with what its pay was computed from and what payment settled it at, as stored.</summary>
internal sealed record EndedAssignment
{
    public required Guid AssignmentId { get; init; }
    public required Guid JobId { get; init; }
    public required string Title { get; init; }
    public required string End { get; init; }
    public required DateTimeOffset ClaimedAt { get; init; }
    public required DateTimeOffset EndedAt { get; init; }
    public required int PolicyVersion { get; init; }
    public required long RewardMicros { get; init; }
    public required long EstimateMs { get; init; }
    public required long LimitMs { get; init; }
    public required long ReadingMs { get; init; }
    public required long IdleMs { get; init; }
    public required bool FirstOfJob { get; init; }
    public required long ActiveMs { get; init; }
    public required long AskedMs { get; init; }

    /// <summary>What was asked for, as far as there was time without a sign of work.</summary>
    public required long UnseenMs { get; init; }
    public required long AllowanceLeftMs { get; init; }

    /// <summary>Whether payment has settled it; what it said is null before.</summary>
    public required bool IsSettled { get; init; }

    /// <summary>The public key of the ledger's entry; null while it is on its way, and of entries from before there were keys.</summary>
    public required byte[]? EntryKey { get; init; }
    public required long? SettledRewardMicros { get; init; }
    public required long? SettledTopUpMicros { get; init; }
    public required long? SettledPayMicros { get; init; }
    public required long? SettledCreditedMs { get; init; }

    /// <summary>Opens the public entry's commitment; nobody else has it.</summary>
    public required byte[]? Salt { get; init; }
}

/// <summary>One line of a payslip: what an assignment paid, and an account of every second between its claim and its end.</summary>
internal sealed record PayslipLine
{
    public required EndedAssignment Assignment { get; init; }
    public required AssignmentEnd End { get; init; }
    public required Duration Wall { get; init; }
    public required Duration Credited { get; init; }
    public required Money Reward { get; init; }
    public required Money TopUp { get; init; }

    /// <summary>The rule applied here once more: why a second was not credited.</summary>
    public required Credit Credit { get; init; }

    /// <summary>The most this assignment could be credited.</summary>
    public required Duration Cap { get; init; }
    public required Duration Grace { get; init; }
    public required Money Floor { get; init; }

    public Money Pay => Reward + TopUp;

    public Money? PerHour => Credited > Duration.Zero ? JobTerms.HourlyRate(Pay, Credited) : null;

    /// <summary>All of the time that was not credited.</summary>
    public Duration NotCredited => Credit.OverLimit + Credit.Silence + Credit.UnderGrace + Credit.OverAllowance;

    /// <summary>The line of an assignment under its policy. Amounts are payment's where it has settled, else by the same rule.</summary>
    public static PayslipLine Of(EndedAssignment ended, PayPolicy policy)
    {
        var end = Enum.Parse<AssignmentEnd>(ended.End, ignoreCase: true);
        var terms = new JobTerms
        {
            Policy = policy,
            Reward = new(ended.RewardMicros),
            Estimate = new(ended.EstimateMs),
            Limit = new(ended.LimitMs),
            Reading = new(ended.ReadingMs),
        };
        var wall = Duration.Max(Duration.Zero, Duration.Between(ended.ClaimedAt, ended.EndedAt));
        var pay = PayRule.Pay.Of(terms, Credit.KindOf(end), new TimeSpent
        {
            Wall = wall,
            Active = Duration.Min(new(ended.ActiveMs), wall),
            Asked = new(ended.AskedMs),
            AllowanceLeft = new(ended.AllowanceLeftMs),
            FirstOfJob = ended.FirstOfJob,
        });
        return new()
        {
            Assignment = ended,
            End = end,
            Wall = wall,
            Credited = new(ended.SettledCreditedMs ?? pay.Credit.Credited.Ms),
            Reward = new(ended.SettledRewardMicros ?? pay.Reward.Micros),
            TopUp = new(ended.SettledTopUpMicros ?? pay.TopUp.Micros),
            Credit = pay.Credit,
            Cap = terms.Cap(ended.FirstOfJob),
            Grace = policy.Grace,
            Floor = policy.FloorPerHour,
        };
    }
}

/// <summary>The payslip of one worker and day.</summary>
/// <param name="Day">A day of the installation's time zone.</param>
/// <param name="Lines">Every assignment that ended on it, newest first.</param>
internal sealed record Payslip(DateOnly Day, IReadOnlyList<PayslipLine> Lines)
{
    public Money Reward => Sum(l => l.Reward);

    public Money TopUp => Sum(l => l.TopUp);

    public Money Pay => Reward + TopUp;

    public Duration Credited => Lines.Aggregate(Duration.Zero, (sum, line) => sum + line.Credited);

    public Duration NotCredited => Lines.Aggregate(Duration.Zero, (sum, line) => sum + line.NotCredited);

    public Money? PerHour => Credited > Duration.Zero ? JobTerms.HourlyRate(Pay, Credited) : null;

    /// <summary>Lines whose entry in the ledger is still on its way.</summary>
    public int OnTheirWay => Lines.Count(l => !l.Assignment.IsSettled);

    private Money Sum(Func<PayslipLine, Money> amount) => Lines.Aggregate(Money.Zero, (sum, line) => sum + amount(line));
}
