using System.ComponentModel;
using Marketplace.Auditor.Log;
using Spectre.Console.Cli;

namespace Marketplace.Auditor.Evidence;

/// <summary>
/// <c>auditor evidence FILE</c>: checks offline whether a file shows that a log signed two histories. Exit codes: 0 it does,
/// 1 it does not, 2 it could not be read.
/// </summary>
internal sealed class EvidenceCommand : Command<EvidenceCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<FILE>")]
        [Description("The evidence that a witness or the auditor wrote.")]
        public required string File { get; init; }

        [CommandOption("--key <KEY>")]
        [Description("The log's verifier key, as you know it; once for each. Without it the file's own is taken.")]
        public string[] Keys { get; init; } = [];
    }

    public override int Execute(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        try
        {
            var evidence = ForkEvidence.Parse(System.IO.File.ReadAllText(settings.File));
            var trusted = settings.Keys.Length > 0 ? [.. settings.Keys.Select(VerifierKey.Parse)] : evidence.Keys;
            var verdict = evidence.Judge(trusted);
            Console.Out.WriteLine($"{(verdict.Proven == true ? "PROVEN" : "not proven")}  {verdict.Why}");
            if (settings.Keys.Length == 0)
                Console.Out.WriteLine($"The log's key is taken from the file. Compare it with the one you know:\n{string.Join('\n', evidence.Keys)}");
            return verdict.Proven == true ? 0 : 1;
        }
        catch (Exception e) when (e is FormatException or IOException)
        {
            Console.Error.WriteLine($"It could not be read: {e.Message}");
            return 2;
        }
    }
}
