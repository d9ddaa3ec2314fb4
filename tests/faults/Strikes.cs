using System.Collections.Concurrent;
using Marketplace.Contracts;
using Marketplace.Faults.Machine;
using Marketplace.Faults.Plan;
using Marketplace.Faults.Wire;

namespace Marketplace.Faults;

/// <summary>Makes planned faults happen, each to its end: what was ended runs again, what was turned is turned back.</summary>
internal sealed class Strikes(Installation all, Queues queues)
{
    private static readonly string[] Services = [EventRoutes.Payment, EventRoutes.Worker, EventRoutes.Requester];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan[] Jumps = [TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10), TimeSpan.FromHours(2)];

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = new();

    /// <returns>What is worth knowing of how it went: that nothing passed to aim at, how many messages were held.</returns>
    internal Task<string> Run(PlannedFault fault, CancellationToken cancel)
    {
        var random = new Random(fault.Draw);
        var copy = all.CopyOf(Services[random.Next(Services.Length)], random.Next(2));
        return fault.Kind switch
        {
            FaultKind.KillPaymentInBatch => KillInBatch(all.CopyOf(EventRoutes.Payment, random.Next(2)), random, cancel),
            FaultKind.KillWorkerInBatch => KillInBatch(all.CopyOf(EventRoutes.Worker, random.Next(2)), random, cancel),
            FaultKind.KillRequesterInBatch => KillInBatch(all.CopyOf(EventRoutes.Requester, random.Next(2)), random, cancel),
            FaultKind.KillRelayUnconfirmed => KillRelay(copy, random, cancel),
            FaultKind.KillGateway => KillGateway(all.Gateways[random.Next(2)], random, cancel),
            FaultKind.KillBroker => Alone("rabbitmq", () => KillBroker(random, cancel), cancel),
            FaultKind.StopDatabase => Alone("postgres", () => StopDatabase("kill-postgres", random, cancel), cancel),
            FaultKind.RestartDatabase => Alone("postgres", () => StopDatabase("stop-postgres", random, cancel), cancel),
            FaultKind.CutAtCommit => CutAt(copy.Database!, Passing.Commit, random, cancel),
            FaultKind.CutAtConfirm => CutAt(copy.Broker!, Passing.Confirm, random, cancel),
            FaultKind.CutDatabase => Turn(copy.Database!, new Weather(CutAfterBytes: random.Next(20_000)), 1, 3, random, cancel),
            FaultKind.CutBroker => Turn(copy.Broker!, new Weather(CutAfterBytes: random.Next(20_000)), 1, 3, random, cancel),
            FaultKind.DelayDatabase => Turn(copy.Database!, new Weather(Delay: TimeSpan.FromMilliseconds(random.Next(10, 400))), 2, 5, random, cancel),
            FaultKind.DelayBroker => Turn(copy.Broker!, new Weather(Delay: TimeSpan.FromMilliseconds(random.Next(10, 800))), 2, 5, random, cancel),
            FaultKind.HalfCloseDatabase => HalfClose(copy.Database!, random, cancel),
            FaultKind.HalfCloseBroker => HalfClose(copy.Broker!, random, cancel),
            FaultKind.DiskAlarm => Alone("rabbitmq", () => FillDisk(megabytesLeft: 100, random, cancel), cancel),
            FaultKind.DiskFull => Alone("rabbitmq", () => FillDisk(megabytesLeft: 0, random, cancel), cancel),
            FaultKind.ClockForward => Jump(copy.Service, Jumps[random.Next(Jumps.Length)], random, cancel),
            FaultKind.ClockBack => Jump(copy.Service, -Jumps[random.Next(Jumps.Length)], random, cancel),
            FaultKind.Duplicate => Repeat(random, cancel),
            FaultKind.Reorder => Reorder(random, cancel),
            _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, "is no kind of fault"),
        };
    }

    /// <summary>Kinds that this machine cannot do, with the reason.</summary>
    internal IReadOnlyDictionary<FaultKind, string> Impossible()
    {
        var impossible = new Dictionary<FaultKind, string>();
        if (!all.HasClocks)
            impossible[FaultKind.ClockForward] = impossible[FaultKind.ClockBack] = "libfaketime is not installed";
        if (!all.HasDisk)
            impossible[FaultKind.DiskAlarm] = impossible[FaultKind.DiskFull] = "only root can mount a small disk for the broker";
        return impossible;
    }

    private Task<string> KillInBatch(Copy copy, Random random, CancellationToken cancel) => Alone(copy.Name, async () =>
    {
        var trap = new Trap(Passing.Delivery, random.Next(10), () => { }, cuts: false);
        var aimed = await Spring(copy.Broker!, trap, cancel);
        await Task.Delay(random.Next(40), cancel);
        return Aimed(aimed) + await KillAndStart(copy, random, cancel);
    }, cancel);

    private Task<string> KillRelay(Copy copy, Random random, CancellationToken cancel) => Alone(copy.Name, async () =>
    {
        var aimed = await Spring(copy.Broker!, new Trap(Passing.Confirm, random.Next(5), copy.Kill, cuts: false), cancel);
        return Aimed(aimed) + await KillAndStart(copy, random, cancel);
    }, cancel);

    private Task<string> KillGateway(Copy gateway, Random random, CancellationToken cancel) =>
        Alone(gateway.Name, () => KillAndStart(gateway, random, cancel), cancel);

    private static async Task<string> KillAndStart(Copy copy, Random random, CancellationToken cancel)
    {
        copy.Kill();
        await Task.Delay(random.Next(50, 1500), cancel);
        copy.Start();
        await copy.WaitUntilReady(cancel);
        return "";
    }

    private async Task<string> KillBroker(Random random, CancellationToken cancel)
    {
        await all.Servers.Do("kill-rabbitmq");
        await Task.Delay(random.Next(1500), cancel);
        return await all.Servers.StartBroker(cancel);
    }

    private async Task<string> StopDatabase(string how, Random random, CancellationToken cancel)
    {
        await all.Servers.Do(how);
        await Task.Delay(random.Next(2500), cancel);
        return await all.Servers.StartPostgres(cancel);
    }

    /// <summary>The alarm ends by itself when there is room again; after a disk was really full the broker is started again, as a person would.</summary>
    private async Task<string> FillDisk(int megabytesLeft, Random random, CancellationToken cancel)
    {
        await all.Servers.Do("fill-disk", $"{megabytesLeft}");
        await Task.Delay(random.Next(2000, 5000), cancel);
        if (megabytesLeft > 0)
        {
            await all.Servers.Do("free-disk");
            return "";
        }

        await all.Servers.Do("kill-rabbitmq");
        await all.Servers.Do("free-disk");
        return await all.Servers.StartBroker(cancel);
    }

    private static async Task<string> CutAt(Proxy proxy, Passing passing, Random random, CancellationToken cancel)
    {
        var cuts = 0;
        for (var left = random.Next(1, 4); left > 0; left--)
            cuts += await Spring(proxy, new Trap(passing, random.Next(6), () => { }, cuts: true), cancel) ? 1 : 0;
        return cuts > 0 ? $"{cuts} cut" : "nothing passed";
    }

    private static async Task<string> Turn(Proxy proxy, Weather weather, int least, int most, Random random, CancellationToken cancel)
    {
        proxy.Turn(weather);
        await Task.Delay(random.Next(least * 1000, most * 1000), cancel);
        proxy.Turn(Weather.Fair);
        return "";
    }

    private static async Task<string> HalfClose(Proxy proxy, Random random, CancellationToken cancel)
    {
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            proxy.HalfClose(towardsServer: random.Next(2) == 0);
            await Task.Delay(random.Next(100, 800), cancel);
        }

        return "";
    }

    private async Task<string> Jump(string service, TimeSpan ahead, Random random, CancellationToken cancel)
    {
        var copies = all.Copies.Where(c => c.Service == service).ToArray();
        if (random.Next(2) == 0)
            copies = [copies[random.Next(2)]];
        return await Alone($"clock of {service}", async () =>
        {
            foreach (var copy in copies)
                all.SetClock(copy, ahead);
            await Task.Delay(random.Next(2500, 5000), cancel);
            foreach (var copy in copies)
                all.SetClock(copy, TimeSpan.Zero);
            return $"{copies.Length} of {service} by {ahead}";
        }, cancel);
    }

    private async Task<string> Repeat(Random random, CancellationToken cancel)
    {
        var (count, most) = (0, random.Next(20, 400));
        await Again(async () => count = await queues.Repeat(random, most, cancel), cancel);
        return $"{count} again";
    }

    private async Task<string> Reorder(Random random, CancellationToken cancel)
    {
        var (count, holdFor) = (0, TimeSpan.FromMilliseconds(random.Next(500, 2500)));
        await Again(async () => count = await queues.Shuffle(random, holdFor, cancel), cancel);
        return $"{count} in another order";
    }

    /// <summary>The broker may be away because of another fault.</summary>
    private static async Task Again(Func<Task> step, CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                await step();
                return;
            }
            catch (Exception) when (!cancel.IsCancellationRequested)
            {
                await Task.Delay(1000, cancel);
            }
        }
    }

    private static async Task<bool> Spring(Proxy proxy, Trap trap, CancellationToken cancel)
    {
        proxy.Set(trap);
        await Task.WhenAny(trap.Sprung, Task.Delay(Patience, cancel));
        proxy.Set(null);
        return trap.Sprung.IsCompleted;
    }

    private static string Aimed(bool aimed) => aimed ? "" : "nothing passed to aim at";

    /// <summary>One fault at a time on the same thing.</summary>
    private async Task<string> Alone(string thing, Func<Task<string>> strike, CancellationToken cancel)
    {
        var gate = _gates.GetOrAdd(thing, _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancel);
        try
        {
            return await strike();
        }
        finally
        {
            gate.Release();
        }
    }
}
