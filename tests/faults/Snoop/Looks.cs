using System.Diagnostics;
using Marketplace.Faults.People;

namespace Marketplace.Faults.Snoop;

/// <summary>Looks again and again, ten times a second while that is answered quickly enough.</summary>
internal static class Looks
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Of what grows without end no more than this part of the time is spent on asking, so that people on the same machine still get on.
    /// </summary>
    private const int PartOfTheTime = 3;

    internal static async Task Again(Func<CancellationToken, Task> look, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var watch = Stopwatch.StartNew();
            try
            {
                await look(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var pause = watch.Elapsed * (PartOfTheTime - 1);
            pause = pause > Every - watch.Elapsed ? pause : Every - watch.Elapsed;
            await Task.Delay(pause < Every ? pause : Every + (pause - Every) / 2, stop)
                .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>The numbers of a page for programs.</summary>
    internal static Task Page(Caller caller, string address, string name, Recorder recorder, CancellationToken stop) =>
        Again(async cancel =>
    {
        if (await caller.Get(address, cancel) is { Ok: true, Body.ValueKind: not System.Text.Json.JsonValueKind.Undefined } page)
            recorder.Document(name, page.Body);
    }, stop);
}
