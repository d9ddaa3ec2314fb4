using System.Globalization;
using Marketplace.Platform;

namespace Marketplace.Payment.Payouts;

/// <summary>
/// The payment program's command line about payouts: <c>hold-payouts --why TEXT</c> lets none go from now on, and shows the text to who waits;
/// <c>reconcile-payouts [--since INSTANT] [--book PAYOUT=WORKER]</c> holds the ledger against the rail's statement and lifts the hold where
/// nothing differs.
/// </summary>
internal static class PayoutCommands
{
    internal const string Hold = "hold-payouts";
    internal const string Reconcile = "reconcile-payouts";

    internal static bool Know(string[] args) => args.Length > 0 && args[0] is Hold or Reconcile;

    /// <returns>The exit code: 0 done, 1 payouts stay on hold, 2 something named is wrong and nothing was changed.</returns>
    internal static async Task<int> Run(string[] args, IServiceProvider services, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        await TellAgainCommand.MigrateFirst(services, cancel);
        var desk = services.GetRequiredService<CashDesk>();
        try
        {
            if (args[0] == Reconcile)
                return await RunReconcile(args, desk, output, errors, cancel);

            await ReconcilePayouts.Hold(Value(args, "--why") ?? throw new FormatException($"Usage: {Hold} --why TEXT"), desk, cancel);
            await output.WriteLineAsync($"Payouts are on hold until {Reconcile} finds no difference.");
            return 0;
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            await errors.WriteLineAsync(e.Message);
            return 2;
        }
    }

    private static async Task<int> RunReconcile(string[] args, CashDesk desk, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        if (Value(args, "--book") is { } lost)
        {
            var (payout, worker) = lost.Split('=') is [var p, var w] && Guid.TryParse(p, out var pid) && Guid.TryParse(w, out var wid)
                ? (pid, wid)
                : throw new FormatException("--book needs two ids, as in --book PAYOUT=WORKER");
            if (await ReconcilePayouts.BookLost(payout, worker, desk, cancel) is { } refused)
            {
                await errors.WriteLineAsync(refused);
                return 2;
            }
        }

        DateTimeOffset? since = Value(args, "--since") is { } text
            ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)
            : null;
        var result = await ReconcilePayouts.Handle(since, desk, cancel);
        foreach (var difference in result.Differences)
            await output.WriteLineAsync(difference);
        if (result.UnbookedDeposits.Count > 0)
            await output.WriteLineAsync($"{result.UnbookedDeposits.Count} deposits that the rail took in were not in the ledger; those older than a minute are now.");
        await output.WriteLineAsync(
            $"Open payouts: {result.Done} that the rail has done and only have to be booked, {result.Unsent} to be sent. Differences: {result.Differences.Count}.");
        await output.WriteLineAsync(result.Differences.Count == 0 ? "Payouts are released." : "What is on hold stays on hold.");
        return result.Differences.Count == 0 ? 0 : 1;
    }

    private static string? Value(string[] args, string name) =>
        Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;
}
