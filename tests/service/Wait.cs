using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Marketplace.ServiceTests;

/// <summary>Waiting for what happens by itself, and never by sleeping for a fixed time.</summary>
internal static class Wait
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>Returns as soon as the condition holds; fails, naming it, when it does not within half a minute.</summary>
    internal static Task Eventually(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Eventually(() => Task.FromResult(condition()), what);

    /// <inheritdoc cref="Eventually(Func{bool}, string)"/>
    internal static async Task Eventually(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > Longest)
                Assert.Fail($"Not within {Longest.TotalSeconds} s: {what}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
