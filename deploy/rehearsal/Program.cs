using Marketplace.Rehearsal;

if (args is not [var url, var record])
{
    Console.Error.WriteLine("Usage: Marketplace.Rehearsal URL SANDBOX-RECORD; SIGTERM ends the work and starts the check.");
    return 2;
}

using var stop = new CancellationTokenSource();
using var sigterm = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGTERM, signal => (signal.Cancel, _) = (true, stop.CancelAsync()));
using var http = new HttpClient { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(30) };
var (tally, acknowledged) = (new Tally(), new Acknowledged());
var crew = new Crew(http, tally, acknowledged);

await crew.Open();
Console.WriteLine("      people are at work");
await crew.Work(6, stop.Token);

Console.WriteLine($"      acknowledged: {acknowledged.ToText()}");
Console.WriteLine($"      {tally.Requests} requests, {tally.Failed} failed at first, {tally.FailedAgain} again; longest pause {tally.LongestPause.TotalSeconds:0.0} s");
var wrong = await Check.Run(crew, acknowledged, record);
foreach (var sentence in wrong.Take(20))
    Console.WriteLine($"WRONG {sentence}");
Console.WriteLine(wrong.Count == 0
    ? "      everything acknowledged is there once, and everybody has caught up"
    : $"      {wrong.Count} things are wrong");
return wrong.Count > 0 ? 1 : tally.FailedAgain > 0 ? 3 : 0;
