namespace Marketplace.Contracts;

/// <summary>
/// Payment → requester, worker: a pay policy was adopted. Published again at each start of payment.
/// Key: <see cref="Version"/>; a consumer keeps the first. Rates in basis points, money in micro-units, times in ms.
/// </summary>
public sealed record PayPolicyAdopted
{
    public required int Version { get; init; }
    public required DateTimeOffset InForceFrom { get; init; }
    public required long FloorMicrosPerHour { get; init; }
    public required int FeeBps { get; init; }
    public required int LevyBps { get; init; }
    public required long LimitLeastMs { get; init; }
    public required int LimitFactor { get; init; }
    public required long ReadingPerWordMs { get; init; }
    public required long ReadingMostMs { get; init; }
    public required long LeaseLeastMs { get; init; }
    public required int EarliestSubmitDivisor { get; init; }
    public required long IdleLeastMs { get; init; }
    public required long IdleMostMs { get; init; }
    public required long AllowanceBaseMs { get; init; }
    public required int AllowanceShareBps { get; init; }
    public required long GraceMs { get; init; }
    public required long MostCreditedIn24hMs { get; init; }
    public required int PriceSample { get; init; }
    public required int PriceWorkers { get; init; }
    public required int PriceBandBps { get; init; }
    public required int PriceStepBps { get; init; }
    public required long JobLifeMs { get; init; }
}
