using System.Buffers.Binary;
using System.ComponentModel;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Marketplace.Auditor.Log;
using Spectre.Console.Cli;

namespace Marketplace.Auditor.Receipts;

/// <summary>
/// <c>auditor receipt FILE</c>: verifies one line of a payslip offline: that the entry is in the signed log and, with the
/// worker's salt, id and key, that it is theirs.
/// </summary>
internal sealed class ReceiptCommand : Command<ReceiptCommand.Settings>
{
    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<FILE>")]
        [Description("The receipt, a C2SP tlog-proof.")]
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
        var checkpoint = SignedCheckpoint.Open(receipt.Checkpoint, VerifierKey.Parse(settings.Key));
        var entry = receipt.Verify(checkpoint);
        yield return string.Create(CultureInfo.InvariantCulture, $"passed  Entry {entry.Number} is in the ledger of {checkpoint.Origin}, signed at {checkpoint.Size} entries.");
        if (entry.Pay is { } pay)
            yield return string.Create(CultureInfo.InvariantCulture, $"        It pays {pay.Pay / 1_000_000m:0.000000} {entry.Currency} for {pay.Credited / 1000m:0.000} s credited, {pay.TopUp / 1_000_000m:0.000000} of it from the floor.");

        if ((settings.Salt, settings.Worker, settings.EntryKey) is (null, null, null))
            yield break;
        if ((settings.Salt, settings.Worker, settings.EntryKey) is not ({ } salt, { } worker, { } key))
            throw new FormatException("To show that it is yours, --salt, --worker and --entry-key are needed together.");
        if (entry.Commitment != Commitment(Convert.FromHexString(salt), worker, key))
            throw new CryptographicException("The commitment is not opened by this salt, id and key: the entry is somebody else's.");
        yield return "passed  It is yours: your salt opens its commitment.";
    }

    private static (UInt128 First, UInt128 Second) Commitment(byte[] salt, Guid worker, string key)
    {
        var hash = SHA256.HashData([.. salt, 0, .. worker.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(key)]);
        return (BinaryPrimitives.ReadUInt128BigEndian(hash), BinaryPrimitives.ReadUInt128BigEndian(hash.AsSpan(16)));
    }
}
