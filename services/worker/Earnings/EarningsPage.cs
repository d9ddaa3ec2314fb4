using Marketplace.PayRule;
using Marketplace.Platform;

namespace Marketplace.Worker.Earnings;

/// <summary>What the page of earnings, and of one payslip, shows.</summary>
internal sealed record EarningsPage
{
    internal const int LinesOnAPage = 100;
    internal const int UsesShown = 8;

    /// <summary>The day that was asked for; null on <c>/earnings</c>, which shows the latest with work.</summary>
    public required DateOnly? Asked { get; init; }
    public required Guid WorkerId { get; init; }

    /// <summary>What ended before this may be in the public ledger.</summary>
    public required DateTimeOffset PublicUntil { get; init; }
    public required Publication Publication { get; init; }
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

    /// <summary>Whether the entry of a settled line is public: it was booked a moment after its end.</summary>
    internal bool IsPublic(PayslipLine line) => Publication.IsAtOnce || line.Assignment.EndedAt < PublicUntil;

    /// <summary>When it becomes public.</summary>
    internal DateTimeOffset PublicFrom(PayslipLine line) => Publication.NextStep(line.Assignment.EndedAt);

    internal DateOnly Today => LastDays[0].Day;

    internal IReadOnlyList<PayslipLine> LinesShown => [.. Payslip.Lines.Skip((Page - 1) * LinesOnAPage).Take(LinesOnAPage)];

    internal bool HasOlder => Payslip.Lines.Count > Page * LinesOnAPage;

    /// <summary>What can be cashed out: whole cents.</summary>
    internal long WholeCents => BalanceMicros / 10_000 * 10_000;

    internal string Address(int page) => (Asked is { } day ? $"/payslips/{day:yyyy-MM-dd}" : "/earnings") + (page > 1 ? $"?page={page}" : "");
}
