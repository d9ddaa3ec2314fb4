using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using Marketplace.Auditor.Evidence;
using Marketplace.Auditor.Log;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Marketplace.Auditor.Verify;

/// <summary><c>auditor verify</c>: checks the whole ledger behind a log. Exit codes: 0 all holds, 1 something does not, 2 it could not be checked.</summary>
internal sealed class VerifyCommand : AsyncCommand<VerifyCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--url <URL>", true)]
        [Description("The marketplace's address.")]
        public required string Url { get; init; }

        [CommandOption("--key <KEY>")]
        [Description("The log's verifier key. Without it the key seen first is trusted, and remembered.")]
        public string? Key { get; init; }

        [CommandOption("--since <CHECKPOINT>")]
        [Description("A file with an earlier signed checkpoint that the history must continue; otherwise the one seen last.")]
        public string? Since { get; init; }

        [CommandOption("--data <FOLDER>")]
        [Description("Where downloads and the last checkpoint are kept.")]
        public string Data { get; init; } = Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "marketplace-auditor");

        [CommandOption("--witness <KEY>")]
        [Description("A witness's key that you trust; once for each.")]
        public string[] Witnesses { get; init; } = [];

        [CommandOption("--quorum <NUMBER>")]
        [Description("How many of those witnesses must have signed the checkpoint; otherwise all.")]
        public int? Quorum { get; init; }

        [CommandOption("--json")]
        [Description("Write the report as JSON.")]
        public bool Json { get; init; }
    }

    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        try
        {
            var report = await Verify(settings, cancellationToken);
            Console.Out.Write(settings.Json ? report.ToJson() + "\n" : report.ToText());
            return report.Passed ? 0 : 1;
        }
        catch (CryptographicException e)
        {
            Console.Out.WriteLine($"FAILED  {e.Message}");
            return 1;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or FormatException or UriFormatException)
        {
            Console.Error.WriteLine($"It could not be checked: {e.Message}");
            return 2;
        }
    }

    internal static async Task<Report> Verify(Settings settings, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var site = new Uri(settings.Url.TrimEnd('/') + "/");
        var folder = Path.Combine(settings.Data, Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(site.ToString())))[..16]);
        Directory.CreateDirectory(folder);

        using var http = new HttpClient();
        var log = new LogClient(http, site, folder);
        var stateFile = Path.Combine(folder, "state.json");
        var state = StateStore.Load(stateFile);

        var (key, known) = await Keys(settings, state, log, cancel);
        var checkpoint = SignedCheckpoint.Open(await log.Text("log/checkpoint", cancel), key);
        var earlier = settings.Since is { } file ? OpenEarlier(await File.ReadAllTextAsync(file, cancel), known)
            : state is null ? null
            : SignedCheckpoint.Open(state.Checkpoint, VerifierKey.Parse(state.Key));
        await RefuseContradiction(earlier, checkpoint, known, log, folder, cancel);

        var audit = await Read(log, checkpoint, earlier, cancel);
        var published = await ComparePublished(log, checkpoint, audit.Books, cancel);
        var report = Report.Of(checkpoint, earlier, audit, published, Signatures(checkpoint, known, settings), watch.Elapsed);
        if (report.Passed)
            new StateStore { Key = key.ToString(), Checkpoint = checkpoint.Note.ToString(), At = TimeProvider.System.GetUtcNow() }.Save(stateFile);
        else if (audit.Continues == false)
            await WriteEvidence.Handle(folder, known, earlier!, checkpoint, log, cancel);
        return report;
    }

    /// <summary>How the published sums differ. That they cannot be read does not hide what was found in the entries.</summary>
    private static async Task<string?> ComparePublished(LogClient log, SignedCheckpoint checkpoint, Books.Books books, CancellationToken cancel)
    {
        try
        {
            return await ReadPublishedBalance.Compare(log, checkpoint.Size, Report.Accounts(books.Balances), cancel);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or FormatException && books.Findings.Count > 0)
        {
            return $"it could not be read: {e.Message}";
        }
    }

    /// <summary>The key in force, and all that lead to it from the one that is trusted: given, or remembered, or seen now for the first time.</summary>
    private static async Task<(VerifierKey InForce, IReadOnlyList<VerifierKey> Known)> Keys(
        Settings settings, StateStore? state, LogClient log, CancellationToken cancel)
    {
        var shown = VerifierKey.Parse(await log.Text("log/key", cancel));
        var trusted = settings.Key is null && state is null ? shown : VerifierKey.Parse(settings.Key ?? state!.Key);
        if (trusted.Equals(shown))
            return (shown, [shown]);
        if (trusted.Name != shown.Name)
            throw new CryptographicException($"The log is {shown.Name}, and the key is of {trusted.Name}.");

        // As long as the log signs with the trusted key too, its own word for the new one decides; it must be there.
        return (shown, KeyHandovers.Follow(await log.Text("log/key/handovers", cancel), trusted, shown));
    }

    private static SignedCheckpoint OpenEarlier(string note, IReadOnlyList<VerifierKey> known) =>
        SignedCheckpoint.Open(note, known.FirstOrDefault(SignedCheckpoint.Read(note).Note.IsSignedBy) ?? known[^1]);

    /// <summary>Reads the log; once more, if need be, without what was kept, so that a damaged file at home is not held against it.</summary>
    private static async Task<ReadLog> Read(LogClient log, SignedCheckpoint checkpoint, SignedCheckpoint? earlier, CancellationToken cancel)
    {
        while (true)
        {
            var audit = new ReadLog(log, checkpoint, earlier);
            await WithProgress(checkpoint.Size, progress => audit.Run(progress, cancel));
            if (!audit.RootIsRight && log.UsedWhatWasKept)
            {
                log.Forget();
                continue;
            }

            try
            {
                if (!audit.RootIsRight)
                    await audit.FindTheLeaf(cancel);
            }
            finally
            {
                // What is bad is not kept: the next run starts from what was good.
                if (audit.FirstBadBundle is not null || !audit.RootIsRight)
                    log.Forget(audit.FirstBadBundle ?? 0);
            }

            return audit;
        }
    }

    private static List<Report.Check> Signatures(SignedCheckpoint checkpoint, IReadOnlyList<VerifierKey> known, Settings settings)
    {
        var checks = new List<Report.Check>
        {
            new("The checkpoint carries the log's signature", true, known.Count == 1 ? $"of {checkpoint.Origin}" : $"of {checkpoint.Origin}, whose new key {known[^1]} the old one named"),
        };
        if (settings.Witnesses.Length > 0)
        {
            var signed = settings.Witnesses.Select(VerifierKey.Parse).Distinct().Count(checkpoint.Note.IsSignedBy);
            checks.Add(new("Enough witnesses have signed it", signed >= (settings.Quorum ?? settings.Witnesses.Length), $"{signed} of {settings.Witnesses.Length}"));
        }

        return checks;
    }

    /// <summary>Two signed checkpoints that cannot both be true need no leaves to be told apart.</summary>
    private static async Task RefuseContradiction(
        SignedCheckpoint? earlier, SignedCheckpoint now, IReadOnlyList<VerifierKey> keys, LogClient log, string folder, CancellationToken cancel)
    {
        if (earlier is null)
            return;
        if (earlier.Size > now.Size)
        {
            var kept = await WriteEvidence.Handle(folder, keys, earlier, now, log, cancel);
            throw new CryptographicException($"The log was cut: it has {now.Size} entries and had {earlier.Size}. Both checkpoints are kept in {kept}.");
        }

        if (earlier.Size == now.Size && !earlier.HasRoot(now.Root))
        {
            var kept = await WriteEvidence.Handle(folder, keys, earlier, now, log, cancel);
            throw new CryptographicException($"The history was forked: two different ledgers of {now.Size} entries are signed. Both checkpoints are kept as evidence in {kept}.");
        }
    }

    private static async Task WithProgress(long size, Func<Action<long>, Task> run)
    {
        if (Console.IsErrorRedirected)
        {
            await run(_ => { });
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress().StartAsync(async progress =>
        {
            var task = progress.AddTask("Entries", maxValue: Math.Max(1, size));
            await run(done => task.Value = done);
        });
    }
}
