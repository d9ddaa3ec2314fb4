using Marketplace.Faults;
using Marketplace.Faults.Plan;

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
var failed = await new Campaign(options, tally).Runs(stop.Token);
tally.Print();
var all = options.Runs + (options.AwaySeconds is null ? 0 : 1) + (options.Backlog is null ? 0 : 1);
Console.WriteLine($"{Math.Max(0, all - failed)} passed, {failed} failed");
return failed == 0 ? 0 : 1;
