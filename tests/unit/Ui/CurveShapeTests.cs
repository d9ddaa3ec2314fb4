using Marketplace.Ui;
using Marketplace.UnitTests.PayRule;

namespace Marketplace.UnitTests.Ui;

public sealed class CurveShapeTests
{
    [Fact]
    public void The_picture_pays_what_the_rule_pays() =>
        Samples.Ends.Where(end => end.Kind == CreditKind.Submitted).Sample(end =>
        {
            var paid = end.Terms.Cap(end.Time.FirstOfJob);
            var shape = new CurveShape(end.Terms.Reward.Micros, end.Terms.Policy.FloorPerHour.Micros, paid.Ms);
            return shape.PayAt(end.Pay.Credit.Credited.Ms) == end.Pay.Amount.Micros
                && shape.PayAt(long.MaxValue / 2) == shape.MostMicros
                && shape.MostMicros <= end.Terms.WorstPay.Micros;
        });

    [Fact]
    public void The_floor_takes_over_where_it_passes_the_reward() =>
        Samples.Terms.Sample(terms =>
        {
            var shape = new CurveShape(terms.Reward.Micros, terms.Policy.FloorPerHour.Micros, terms.Limit.Ms);
            return shape.PayAt(shape.KneeMs) == terms.Reward.Micros
                && (shape.KneeMs == terms.Limit.Ms || shape.PayAt(shape.KneeMs + 1) > terms.Reward.Micros || shape.MostMicros == terms.Reward.Micros);
        });

    [Fact]
    public void The_line_stays_in_its_frame() =>
        Gen.Select(Samples.Terms, Gen.Long[-1000, 100_000_000]).Sample((terms, ms) =>
        {
            var shape = new CurveShape(terms.Reward.Micros, terms.Policy.FloorPerHour.Micros, terms.Limit.Ms);
            return shape.X(ms) is >= 0 and <= 100 && shape.Y(shape.PayAt(Math.Max(0, ms))) is >= 0 and <= 91;
        });
}
