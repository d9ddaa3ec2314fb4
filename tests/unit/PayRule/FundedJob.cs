namespace Marketplace.UnitTests.PayRule;

/// <summary>
/// A job's money between two services that only send messages, driven by chance: claims, ends, raises, holds, and a network
/// that loses, delays, doubles and reorders everything. Payment settles each end once; worker keeps the largest number.
/// </summary>
internal sealed class FundedJob
{
    private readonly Random chance;
    private readonly Money worst;

    // Payment: what it settled, what it holds, what it published.
    private readonly HashSet<int> settled = [];
    private Money escrow;
    private Money holds;
    private long published;

    // The network: a message may be taken any number of times, at any time, or never.
    private readonly List<(long Funded, long Affordable)> fundings = [];
    private readonly List<(int Claim, Money Charge)> ends = [];

    // Worker: claims made, those at work, the largest number heard.
    private readonly List<int> open = [];
    private int claims;
    private long heard;

    internal FundedJob(int seed, Money worst, Money budget)
    {
        chance = new Random(seed);
        this.worst = worst;
        escrow = budget;
        Publish();
    }

    /// <summary>The obvious rule instead of ours: worker adds its own count of ends to what the escrow allowed when payment last looked.</summary>
    internal bool CountsUnsettledEnds { get; init; }

    internal bool KeepsItsPromise(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            var before = published;
            Step();
            if (published < before || !Holds())
                return false;
        }

        return true;
    }

    /// <summary>X − H ≥ (n − P)·W ≥ (C − P)·W ≥ 0.</summary>
    private bool Holds()
    {
        var ended = settled.Count;
        var free = escrow - holds;
        return free >= Money.Zero
            && free >= (claims - ended) * worst
            && claims >= ended
            && (CountsUnsettledEnds || (free >= (published - ended) * worst && published >= claims));
    }

    private void Step()
    {
        switch (chance.Next(8))
        {
            case 0 or 1 or 2 when MayClaim():
                open.Add(claims++);
                break;
            case 3 or 4 when open.Count > 0:
                EndOne();
                break;
            case 5 when ends.Count > 0:
                Settle(ends[chance.Next(ends.Count)]);
                break;
            case 6 when fundings.Count > 0:
                var (funded, affordable) = fundings[chance.Next(fundings.Count)];
                heard = Math.Max(heard, CountsUnsettledEnds ? claims - open.Count + affordable : funded);
                break;
            case 7 when chance.Next(10) == 0:
                escrow += chance.Next(20) * worst;
                Publish();
                break;
        }
    }

    private bool MayClaim() => Funding.MayClaim(heard, claims) > 0;

    private void EndOne()
    {
        var at = chance.Next(open.Count);
        ends.Add((open[at], new Money(chance.NextInt64(worst.Micros + 1))));
        open.RemoveAt(at);
    }

    private void Settle((int Claim, Money Charge) end)
    {
        if (!settled.Add(end.Claim))
            return;
        escrow -= end.Charge;
        if (chance.Next(5) == 0)
            holds += new Money(chance.NextInt64((worst - end.Charge).Micros + 1));
        Publish();
    }

    private void Publish()
    {
        published = Math.Max(published, CountsUnsettledEnds ? 0 : Funding.Funded(settled.Count, escrow, holds, worst));
        if (!CountsUnsettledEnds && published != Funding.Funded(settled.Count, escrow, holds, worst))
            throw new InvalidOperationException("The number of funded claims fell.");
        fundings.Add((published, (escrow - holds).Micros / worst.Micros));
    }
}
