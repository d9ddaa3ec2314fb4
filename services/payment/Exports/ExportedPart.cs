using System.Globalization;

namespace Marketplace.Payment.Exports;

/// <summary>What a download holds: entries from one number to another, and every account that has a balance before or moves in it.</summary>
internal sealed record ExportedPart
{
    public required string Installation { get; init; }
    public required string Currency { get; init; }

    /// <summary>The month, or null for the whole ledger.</summary>
    public required Month? Month { get; init; }

    /// <summary>From 1; one more than the last where there is no entry.</summary>
    public required long FirstNumber { get; init; }
    public required long LastNumber { get; init; }

    /// <summary>When the first entry of all was written, as a day; null while there is none.</summary>
    public required DateOnly? Since { get; init; }

    /// <summary>In the order of the trial balance.</summary>
    public required IReadOnlyList<ExportedAccount> Accounts { get; init; }

    /// <summary>Accounts that had a balance when the month began: what a file of one month starts from. None in the whole ledger.</summary>
    public IEnumerable<ExportedAccount> Opening => Accounts.Where(a => a.OpeningMicros != 0);

    /// <summary>The first day that anything of it can be dated.</summary>
    public DateOnly FirstDay => Month?.First ?? Since ?? DateOnly.FromDateTime(DateTime.UnixEpoch);

    public string Title => FirstNumber > LastNumber
        ? $"Public ledger of {Installation}, {Which}, no entry"
        : string.Create(CultureInfo.InvariantCulture, $"Public ledger of {Installation}, {Which}, entries {FirstNumber} to {LastNumber}");

    /// <summary>The name of the file without its ending: ledger-431498, ledger-2026-11.</summary>
    public string FileName => "ledger-" + (Month?.Text ?? LastNumber.ToString(CultureInfo.InvariantCulture));

    private string Which => Month?.Text ?? "the whole of it";
}

/// <summary>An account by its public name, with its balance before the first entry and after the last. Debit positive, in micro-units.</summary>
internal sealed record ExportedAccount(string Name, long OpeningMicros, long ClosingMicros);
