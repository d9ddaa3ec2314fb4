using Marketplace.PayRule;

namespace Marketplace.Worker.Earnings;

/// <summary>What the page of earnings, and of one payslip, shows.</summary>
internal sealed record EarningsPage
{
    internal const int LinesOnAPage = 100;
    internal const int UsesShown = 8;

    /// <summary>The day that was asked for; null on <c>/earnings</c>, which shows the latest with work.</summary>
    public required DateOnly? Asked { get; init; }
    public required Guid WorkerId { get; init; }
    public required Payslip Payslip { get; init; }

    /// <summary>From 1.</summary>
    public required int Page { get; init; }
    public required long BalanceMicros { get; init; }

    /// <summary>Today first.</summary>
    public required IReadOnlyList<DaySum> LastDays { get; init; }
    public required AllowanceNow Allowance { get; init; }
    public required IReadOnlyList<AllowanceUse> Uses { get; init; }
    public required IReadOnlyList<PayoutShown> Payouts { get; init; }
    public required PayPolicy? Policy { get; init; }

    internal DateOnly Today => LastDays[0].Day;

    internal IReadOnlyList<PayslipLine> LinesShown => [.. Payslip.Lines.Skip((Page - 1) * LinesOnAPage).Take(LinesOnAPage)];

    internal bool HasOlder => Payslip.Lines.Count > Page * LinesOnAPage;

    /// <summary>What can be cashed out: whole cents.</summary>
    internal long WholeCents => BalanceMicros / 10_000 * 10_000;

    internal string Address(int page) => (Asked is { } day ? $"/payslips/{day:yyyy-MM-dd}" : "/earnings") + (page > 1 ? $"?page={page}" : "");
}
