using System.Globalization;
using Marketplace.Faults.Machine;
using Marketplace.Faults.Plan;

namespace Marketplace.Faults.Snoop;

/// <summary>People who work while others look on, and what can be made of what those saw.</summary>
internal sealed class Snooping(Options options, SnoopLength length, Tally tally)
{
    internal async Task Run(CancellationToken cancel)
    {
        if (options.Replay is { } before)
        {
            tally.Add(Proof.NotMet());
            Judge(Recording.Load(before));
            return;
        }

        tally.Add(Proof.NotMet());
        var settings = new Dictionary<string, string> { ["Publication__Every"] = length.Every.ToString("c", CultureInfo.InvariantCulture) };
        await using var all = await Installation.Start(options.Data,
            new() { Copies = 1, Settings = settings, Programs = options.Programs }, cancel);
        Console.WriteLine(
            $"a blank marketplace, one copy of each service, a step of {length.Every.TotalSeconds:0} s: "
            + $"13 people work for {length.Works.TotalMinutes:0} minutes");
        using var run = new SnoopRun(all, length, options.Seed);
        var seen = await run.Record(cancel);
        if (options.Record is { } file)
            seen.Save(file);
        Judge(seen);
    }

    private void Judge(Recording seen)
    {
        Console.WriteLine(
            $"{seen.Truth.Count} ends by 13 people; seen: {seen.Entries.Count} entries, {seen.Answers.Count} answers, "
            + $"{seen.Moves.Count} moves of numbers, {seen.Marks.Count} own deeds");
        var scores = Verdict.Of(seen);
        Console.WriteLine(Verdict.Table(scores, length.Margin));
        var wrong = Proof.Objections(seen, scores, length.Margin).ToList();
        var links = Linker.Claim(seen).Where(c => c.Way != Linker.Together).SelectMany(c => c.Claims)
            .Select(c => (c.Earlier.Number, c.Later.Number)).Distinct().Count();
        Console.WriteLine($"{links} different links were claimed");
        if (links < length.LeastLinks)
            wrong.Add($"Only {links} links were claimed; with fewer than {length.LeastLinks} nothing was tried.");
        tally.Add(wrong);
    }
}
