using Marketplace.Auditor.Entries;

namespace Marketplace.Auditor.Books;

/// <summary>
/// The pay rule, written a second time from its public description and from nothing else, so that a mistake in the
/// marketplace's own arithmetic would not be repeated here.
/// </summary>
internal static class PayArithmetic
{
    private const long Hour = 3_600_000;

    /// <summary>What is wrong with an assignment's pay, in a sentence, or null.</summary>
    internal static string? Fault(PayFacts said, PolicyFacts policy)
    {
        if (said.Floor != policy.Floor)
            return $"it uses a floor of {said.Floor} micro-units an hour; pay policy {policy.Version} has {policy.Floor}";
        if (said.Limit <= 0 || said.Reading < 0 || said.Reward < 0 || (said.Time is { } time && IsNegative(time)))
            return "a time or amount that it was computed from is negative";
        if (said.Time is { } facts && FaultOfCredited(said, facts, policy.Grace) is { } cut)
            return cut;
        if (FaultOfPay(said) is { } fault)
            return fault;

        var (fee, levy) = (Share(said, policy.FeeBps), Share(said, policy.LevyBps));
        return (said.Fee, said.Levy) == (fee, levy) ? null : $"fee and levy are {said.Fee} and {said.Levy} and should be {fee} and {levy}";
    }

    /// <summary>What follows from the credited time and the floor that the entry itself names.</summary>
    internal static string? FaultOfPay(PayFacts said)
    {
        var most = (Int128)said.Limit + said.Reading;
        if (said.Credited < 0 || said.Credited > most)
            return $"it credits {said.Credited} ms of at most {most} ms";

        // ⌈floor × credited ÷ hour⌉ without overflow.
        var owed = (((Int128)said.Floor * said.Credited) + Hour - 1) / Hour;
        var earned = said.End == "submitted" ? said.Reward : 0;
        var pay = Int128.Max(earned, owed);
        if (said.Pay < owed)
            return $"it pays {said.Pay} micro-units and is {owed - said.Pay} under the floor, which owes {owed}";
        return (said.Owed, said.TopUp, said.Pay) == (owed, pay - earned, pay)
            ? null
            : $"owed, top-up and pay are {said.Owed}, {said.TopUp}, {said.Pay} and should be {owed}, {pay - earned}, {pay}";
    }

    /// <summary>Whether the credited time follows from the time that was worked.</summary>
    /// <param name="said">The pay as its entry has it.</param>
    /// <param name="time">What it was computed from.</param>
    /// <param name="grace">Of the pay policy. Null where it is not known: then an end without an answer is right either way.</param>
    internal static string? FaultOfCredited(PayFacts said, TimeFacts time, long? grace)
    {
        if (IsNegative(time))
            return "a time that it was computed from is negative";
        if (time.Wall is { } wall && (time.Active > wall || time.Unseen > wall - time.Active))
            return $"of {wall} ms between claim and end, {time.Active} ms were worked and {time.Unseen} ms more asked for";

        var credited = Credited(said, time, grace ?? 0);
        return said.Credited == credited || (grace is null && said.End != "submitted" && said.Credited == 0)
            ? null
            : credited > said.Credited
                ? $"it credits {said.Credited} ms where the rule credits {credited} ms: {credited - said.Credited} ms were cut without a reason"
                : $"it credits {said.Credited} ms where the rule credits {credited} ms";
    }

    private static Int128 Credited(PayFacts said, TimeFacts time, long grace)
    {
        Int128 most = said.Limit;
        if (time.First)
            most += said.Reading;
        var seen = Int128.Min(time.Active, most);
        return said.End == "submitted" ? seen + Int128.Min(time.Unseen, Int128.Min(most - seen, time.AllowanceLeft))
            : time.Active < grace ? 0
            : Int128.Min(seen, time.AllowanceLeft);
    }

    private static bool IsNegative(TimeFacts time) => time.Active < 0 || time.Unseen < 0 || time.AllowanceLeft < 0 || time.Wall < 0;

    private static Int128 Share(PayFacts said, int bps) => said.End == "submitted" ? (Int128)said.Pay * bps / 10_000 : 0;
}
