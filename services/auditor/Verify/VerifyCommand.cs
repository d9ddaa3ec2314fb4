using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
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
        var state = StateFile.Load(stateFile);

        var key = VerifierKey.Parse(settings.Key ?? state?.Key ?? await log.Text("log/key", cancel));
        var checkpoint = SignedCheckpoint.Open(await log.Text("log/checkpoint", cancel), key);
        var earlier = Earlier(settings.Since is { } file ? await File.ReadAllTextAsync(file, cancel) : state?.Checkpoint, key);
        await RefuseContradiction(earlier, checkpoint, folder, cancel);

        var audit = new Audit(log, checkpoint, earlier);
        await WithProgress(checkpoint.Size, progress => audit.Run(progress, cancel));
        var published = await PublishedBalance.Compare(log, checkpoint.Size, Report.Accounts(audit.Books.Balances), cancel);

        var report = Report.Of(checkpoint, earlier, audit, published, watch.Elapsed);
        if (report.Passed)
            new StateFile { Key = key.ToString(), Checkpoint = checkpoint.Note, At = TimeProvider.System.GetUtcNow() }.Save(stateFile);
        else if (audit.Continues == false)
            await WriteEvidence(earlier!, checkpoint, folder, cancel);
        return report;
    }

    private static SignedCheckpoint? Earlier(string? note, VerifierKey key) => note is null ? null : SignedCheckpoint.Open(note, key);

    /// <summary>Two signed checkpoints that cannot both be true need no leaves to be told apart.</summary>
    private static async Task RefuseContradiction(SignedCheckpoint? earlier, SignedCheckpoint now, string folder, CancellationToken cancel)
    {
        if (earlier is null)
            return;
        if (earlier.Size > now.Size)
        {
            await WriteEvidence(earlier, now, folder, cancel);
            throw new CryptographicException($"The log was cut: it has {now.Size} entries and had {earlier.Size}. Both checkpoints are kept as evidence in {folder}.");
        }

        if (earlier.Size == now.Size && !earlier.Root.AsSpan().SequenceEqual(now.Root))
        {
            await WriteEvidence(earlier, now, folder, cancel);
            throw new CryptographicException($"The history was forked: two different ledgers of {now.Size} entries are signed. Both checkpoints are kept as evidence in {folder}.");
        }
    }

    /// <summary>Both notes in one file: whoever has the log's key can see that it signed what cannot both be.</summary>
    private static Task WriteEvidence(SignedCheckpoint earlier, SignedCheckpoint now, string folder, CancellationToken cancel) =>
        File.WriteAllTextAsync(Path.Combine(folder, $"evidence-{earlier.Size}-{now.Size}.txt"), earlier.Note + "\n" + now.Note, cancel);

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
