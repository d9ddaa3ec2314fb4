using System.ComponentModel;
using System.Text;
using Marketplace.Auditor.Log;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
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
        [Description("The log's verifier key.")]
        public required string Log { get; init; }

        [CommandOption("--data <FOLDER>", true)]
        [Description("Where the key and the last checkpoint are kept.")]
        public required string Data { get; init; }

        [CommandOption("--listen <URL>")]
        [Description("Where to listen.")]
        public string Listen { get; init; } = "http://127.0.0.1:8090";
    }

    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        using var key = LoadKey(settings.Data);
        var witness = new LogWitness(settings.Name, key, VerifierKey.Parse(settings.Log), settings.Data, TimeProvider.System);
        await using var app = Build(witness, settings.Listen);
        await app.StartAsync(cancellationToken);
        Console.Out.WriteLine($"Witness key, to be given to the log: {witness.VerifierKey}");
        Console.Out.WriteLine($"Listening on {settings.Listen}/add-checkpoint");
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }

    internal static WebApplication Build(LogWitness witness, string listen)
    {
        var builder = WebApplication.CreateSlimBuilder([$"--urls={listen}"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/add-checkpoint", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            if (request.ContentLength is > LongestRequest)
                return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            var answer = witness.AddCheckpoint(Encoding.UTF8.GetString(body.ToArray()));
            return Results.Text(answer.Body, answer.ContentType, statusCode: answer.Status);
        });
        return app;
    }

    internal static Key LoadKey(string folder)
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
