using System.ComponentModel;
using System.Text;
using Marketplace.Auditor.Log;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NSec.Cryptography;
using Spectre.Console.Cli;

namespace Marketplace.Auditor.Witness;

/// <summary><c>auditor witness</c>: a small server that any member can run beside the cooperative's, for the log to show its checkpoints to.</summary>
internal sealed class WitnessCommand : AsyncCommand<WitnessCommand.Settings>
{
    private const int LongestRequest = 64 * 1024;

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--name <NAME>", true)]
        [Description("Your witness's name, such as witness.example.org/anna.")]
        public required string Name { get; init; }

        [CommandOption("--log <KEY>", true)]
        [Description("The log's verifier key; given twice while the log is handed over to a new one.")]
        public required string[] Log { get; init; }

        [CommandOption("--data <FOLDER>", true)]
        [Description("Where the key, the last checkpoint and evidence are kept. One witness at a time works in it.")]
        public required string Data { get; init; }

        [CommandOption("--url <URL>")]
        [Description("The marketplace's address: with it the witness can fetch the proof when a history was rewritten.")]
        public string? Url { get; init; }

        [CommandOption("--listen <URL>")]
        [Description("Where to listen.")]
        public string Listen { get; init; } = "http://127.0.0.1:8090";
    }

    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        await using var app = Start(settings, TimeProvider.System, out var witness);
        await app.StartAsync(cancellationToken);
        Console.Out.WriteLine($"Witness key, to be given to the log: {witness.OwnKey}");
        Console.Out.WriteLine($"Listening on {settings.Listen}/add-checkpoint");
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    /// <summary>The server as the command runs it. Stopping it lets go of the folder.</summary>
    /// <exception cref="IOException">Another witness works in the folder.</exception>
    internal static WebApplication Start(Settings settings, TimeProvider clock, out AddCheckpoint witness)
    {
        var key = LoadKey(settings.Data);
        var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        var tiles = settings.Url is { } url ? new LogClient(http, new Uri(url.TrimEnd('/') + "/"), null) : null;
        witness = new AddCheckpoint(settings.Name, key, [.. settings.Log.Select(VerifierKey.Parse)], settings.Data, tiles, clock);
        return Build(witness, settings.Listen, key, http, new FileStream(Path.Combine(settings.Data, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
    }

    private static WebApplication Build(AddCheckpoint witness, string listen, params IDisposable[] owned)
    {
        var builder = WebApplication.CreateSlimBuilder([$"--urls={listen}"]);
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = LongestRequest);
        var app = builder.Build();
        app.Lifetime.ApplicationStopped.Register(() => Array.ForEach(owned, one => one.Dispose()));
        app.MapPost("/add-checkpoint", async (HttpRequest request, CancellationToken cancel) =>
        {
            using var reader = new StreamReader(request.Body, Encoding.UTF8);
            var answer = await witness.Handle(await reader.ReadToEndAsync(cancel), cancel);
            return Results.Text(answer.Body, answer.ContentType, statusCode: answer.Status);
        });
        return app;
    }

    private static Key LoadKey(string folder)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "witness.key");
        if (!File.Exists(file))
        {
            using var made = Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var writer = new StreamWriter(file, options);
            writer.WriteLine(Convert.ToBase64String(made.Export(KeyBlobFormat.RawPrivateKey)));
        }

        return Key.Import(SignatureAlgorithm.Ed25519, Convert.FromBase64String(File.ReadAllText(file).Trim()), KeyBlobFormat.RawPrivateKey);
    }
}
