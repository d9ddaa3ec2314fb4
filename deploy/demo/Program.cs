using Marketplace.Demo;

if (args is not [var address, var signInsFile] || Environment.GetEnvironmentVariable("DEMO_PASSWORD") is not { Length: > 0 } password)
{
    Console.Error.WriteLine("Usage: DEMO_PASSWORD=… Marketplace.Demo http://127.0.0.1:8080 FILE");
    return 2;
}

using var http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromSeconds(30) };
using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(10));
var everythingStops = false;
using var terminated = System.Runtime.InteropServices.PosixSignalRegistration.Create(
    System.Runtime.InteropServices.PosixSignal.SIGTERM, signal => { signal.Cancel = everythingStops = true; stop.Cancel(); });

var jobs = await Seed.Run(http, password);
await File.WriteAllTextAsync(signInsFile, Seed.SignIns(password));
await Crew.Work(http, password, jobs, stop.Token);
if (everythingStops)
    await Seed.LeaveAsWorker(http, password);
return 0;
