using System.ComponentModel;
using System.Globalization;
using System.Security.Cryptography;
using Marketplace.Auditor.Books;
using Marketplace.Auditor.Entries;
using Marketplace.Auditor.Log;
using Spectre.Console.Cli;

namespace Marketplace.Auditor.Receipts;

/// <summary>
/// <c>auditor receipt FILE</c>: verifies one line of a payslip offline: that the entry is in the signed log and that its pay follows from the
/// time credited; and of what opens it, in the receipt or in options, that it is theirs and how the time credited followed from their work.
/// </summary>
internal sealed class ReceiptCommand : Command<ReceiptCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<FILE>")]
        [Description("The receipt, a C2SP tlog-proof, with or without what opens it before it.")]
        public required string File { get; init; }

        [CommandOption("--key <KEY>", true)]
        [Description("The log's verifier key.")]
        public required string Key { get; init; }

        [CommandOption("--salt <HEX>")]
        [Description("The 32-byte salt from the payslip's proof.")]
        public string? Salt { get; init; }

        [CommandOption("--worker <ID>")]
        [Description("Your worker id, from the payslip's proof.")]
        public Guid? Worker { get; init; }

        [CommandOption("--entry-key <KEY>")]
        [Description("The entry's natural key, from the payslip's proof.")]
        public string? EntryKey { get; init; }

        [CommandOption("--policy <FILE>")]
        [Description("The receipt of the entry that adopts the pay policy: for its grace, fee and levy.")]
        public string? Policy { get; init; }
    }

    public override int Execute(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var line in Check(System.IO.File.ReadAllText(settings.File), settings))
                Console.Out.WriteLine(line);
            return 0;
        }
        catch (CryptographicException e)
        {
            Console.Out.WriteLine($"FAILED  {e.Message}");
            return 1;
        }
        catch (Exception e) when (e is FormatException or IOException)
        {
            Console.Error.WriteLine($"It could not be checked: {e.Message}");
            return 2;
        }
    }

    /// <summary>What was found right, line by line.</summary>
    /// <exception cref="FormatException">Something is not written as it should be, or an option is missing.</exception>
    /// <exception cref="CryptographicException">Something is not so; the message says what.</exception>
    internal static IEnumerable<string> Check(string text, Settings settings)
    {
        var receipt = Receipt.Parse(text);
        var key = VerifierKey.Parse(settings.Key);
        var checkpoint = SignedCheckpoint.Open(receipt.Checkpoint, key);
        var entry = receipt.Verify(checkpoint);
        yield return string.Create(CultureInfo.InvariantCulture, $"passed  Entry {entry.Number} is in the ledger of {checkpoint.Origin}, signed at {checkpoint.Size} entries.");

        var policy = settings.Policy is { } file ? PolicyIn(System.IO.File.ReadAllText(file), key) : null;
        if (entry.Pay is { } pay)
        {
            Insist(policy is null ? PayArithmetic.FaultOfPay(pay) : pay.Policy != policy.Version ? $"it is under pay policy {pay.Policy}, and the other receipt is of {policy.Version}" : PayArithmetic.Fault(pay, policy));
            yield return string.Create(CultureInfo.InvariantCulture, $"        It pays {pay.Pay / 1_000_000m:0.000000} {entry.Currency} for {pay.Credited / 1000m:0.000} s credited, {pay.TopUp / 1_000_000m:0.000000} of it from the floor.");
        }

        if ((OpeningOf(settings) ?? receipt.Opening) is not { } opening)
            yield break;
        if (receipt.Opening is { } own && (own.Worker, own.EntryKey) != (opening.Worker, opening.EntryKey))
            throw new CryptographicException("The receipt names another worker or key than the options do.");
        if (entry.Commitment != opening.OfWorker())
            throw new CryptographicException("The commitment is not opened by this salt, id and key: the entry is somebody else's.");
        yield return "passed  It is yours: your salt opens its commitment.";

        foreach (var line in entry.Pay is { } paid ? CheckTime(paid, receipt.Opening ?? opening, policy) : [])
            yield return line;
    }

    /// <summary>How the credited time followed from the time worked, where it is known.</summary>
    private static IEnumerable<string> CheckTime(PayFacts pay, Opening opening, PolicyFacts? policy)
    {
        if (pay.TimeCommitment is { } commitment && opening.Facts.Length > 0 && commitment != opening.OfFacts())
            throw new CryptographicException("The times in this receipt are not those that the entry is committed to.");
        if ((pay.Time ?? opening.Time()) is not { } time)
        {
            yield return "        How the credited time followed from your work is not in this receipt: get your own from the payslip's proof.";
            yield break;
        }

        Insist(PayArithmetic.FaultOfCredited(pay, time, policy?.Grace));
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"passed  The {pay.Credited / 1000m:0.000} s follow from {time.Active / 1000m:0.000} s worked, {time.Unseen / 1000m:0.000} s asked for and {time.AllowanceLeft / 1000m:0.000} s of allowance, as the entry had them.");
        if (policy is null && pay.End != "submitted")
            yield return $"        Not checked: whether it was too short to be paid without an answer. That takes the receipt of the entry that adopts pay policy {pay.Policy} (--policy).";
    }

    private static void Insist(string? fault)
    {
        if (fault is not null)
            throw new CryptographicException($"Of the entry: {fault}.");
    }

    private static PolicyFacts PolicyIn(string text, VerifierKey key)
    {
        var receipt = Receipt.Parse(text);
        return receipt.Verify(SignedCheckpoint.Open(receipt.Checkpoint, key)).Policy ?? throw new FormatException("The receipt given as --policy is not of an entry that adopts one.");
    }

    private static Opening? OpeningOf(Settings settings) => (settings.Salt, settings.Worker, settings.EntryKey) switch
    {
        (null, null, null) => null,
        ({ } salt, { } worker, { } key) => new(worker, key, Convert.FromHexString(salt), ""),
        _ => throw new FormatException("To show that it is yours, --salt, --worker and --entry-key are needed together."),
    };
}
