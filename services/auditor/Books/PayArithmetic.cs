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
        if (said.Active < 0 || said.Unseen < 0 || said.AllowanceLeft < 0 || said.Limit <= 0 || said.Reading < 0 || said.Reward < 0)
            return "a time or amount that it was computed from is negative";

        var credited = Credited(said, policy.Grace);
        if (said.Credited != credited)
            return $"it credits {said.Credited} ms where the rule credits {credited} ms: {credited - said.Credited} ms were cut without a reason";

        // ⌈floor × credited ÷ hour⌉ without overflow.
        var owed = (long)((((Int128)policy.Floor * credited) + Hour - 1) / Hour);
        var earned = said.End == "submitted" ? said.Reward : 0;
        var pay = Math.Max(earned, owed);
        if (said.Pay < owed)
            return $"it pays {said.Pay} micro-units and is {owed - said.Pay} under the floor, which owes {owed}";

        return (said.Owed, said.TopUp, said.Pay, said.Fee, said.Levy) == (owed, pay - earned, pay, Share(pay, policy.FeeBps, said), Share(pay, policy.LevyBps, said))
            ? null
            : $"owed, top-up, pay, fee and levy are {said.Owed}, {said.TopUp}, {said.Pay}, {said.Fee}, {said.Levy} and should be " +
              $"{owed}, {pay - earned}, {pay}, {Share(pay, policy.FeeBps, said)}, {Share(pay, policy.LevyBps, said)}";
    }

    private static long Credited(PayFacts said, long grace)
    {
        var most = said.First ? said.Limit + said.Reading : said.Limit;
        var seen = Math.Min(said.Active, most);
        switch (said.End)
        {
            case "submitted":
                return seen + Math.Min(said.Unseen, Math.Min(most - seen, said.AllowanceLeft));
            case "returned" or "expired" or "broken":
                return said.Active < grace ? 0 : Math.Min(seen, said.AllowanceLeft);
            default:
                throw new FormatException($"'{said.End}' is no end of an assignment.");
        }
    }

    private static long Share(long pay, int bps, PayFacts said) => said.End == "submitted" ? (long)((Int128)pay * bps / 10_000) : 0;
}
