using Marketplace.Faults;
using Marketplace.Faults.Plan;
using Marketplace.Faults.Snoop;

Options options;
try
{
    options = Options.Parse(args);
}
catch (FormatException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

var tally = new Tally();
try
{
    if (options.Snoop is { } length)
        await new Snooping(options, length, tally).Run(stop.Token);
    else
        await new Campaign(options, tally).Runs(stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    Console.WriteLine("ended before its time");
}

tally.Print();
Console.WriteLine($"{tally.Passed} passed, {tally.Failed} failed");
return tally.Failed == 0 ? 0 : 1;
