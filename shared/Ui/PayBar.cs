using Microsoft.AspNetCore.Html;

namespace Marketplace.Ui;

/// <summary>The bar at the foot of the work page: pay, clock and submit. Money in micro-units, times in ms.</summary>
public sealed record PayBar
{
    public required CurveShape Shape { get; init; }

    /// <summary>What the server has credited so far.</summary>
    public required long CreditedMs { get; init; }

    /// <summary>What the person is doing: Reading, Choosing, Typing, Away since 14:02.</summary>
    public required string State { get; init; }

    public IHtmlContent Icon { get; init; } = Ui.Icon.Eye;

    /// <summary>What the button says: Submit, Submit in 3 s, I am back.</summary>
    public string Button { get; init; } = "Submit";

    /// <summary>The key that does the same: Enter, Ctrl Enter.</summary>
    public string? Keys { get; init; }

    public bool Disabled { get; init; }

    /// <summary>The form that the button submits.</summary>
    public string Form { get; init; } = "task";

    /// <summary>Within a page rather than at its foot.</summary>
    public bool Still { get; init; }

    /// <summary>What a submit now would pay.</summary>
    public long PayMicros => Shape.PayAt(CreditedMs);

    /// <summary>What the floor adds to the reward so far.</summary>
    public long TopUpMicros => PayMicros - Shape.RewardMicros;

    /// <summary>What the floor alone would pay.</summary>
    public long FloorMicros => (Shape with { RewardMicros = 0 }).PayAt(CreditedMs);
}
