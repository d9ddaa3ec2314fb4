using NSec.Cryptography;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// Reads the log's keys (32 bytes each, an Ed25519 seed) from files that their owner alone may read. <c>Log:KeyFile</c> is made
/// at the first start; <c>Log:OldKeyFile</c> is named only while the log is handed over from that key. The log's name is <c>Log:Origin</c>.
/// </summary>
internal static class ReadLogKeys
{
    /// <exception cref="InvalidOperationException">The setting is missing, others than the owner may read a file, or both keys are the same.</exception>
    internal static LogKeys Load(IConfiguration configuration)
    {
        var path = configuration["Log:KeyFile"] ?? throw new InvalidOperationException("The setting Log:KeyFile is missing.");
        var origin = configuration["Log:Origin"] ?? "marketplace.local/ledger";
        if (!File.Exists(path))
            Create(path);
        if (configuration["Log:OldKeyFile"] is not { Length: > 0 } oldPath)
            return new(origin, Read(path), null);
        if (!File.Exists(oldPath))
            throw new InvalidOperationException($"Log:OldKeyFile names {oldPath}, which is not there.");

        var keys = new LogKeys(origin, Read(path), Read(oldPath));
        return keys.Handover!.OldKey != keys.VerifierKey
            ? keys
            : throw new InvalidOperationException("Log:KeyFile and Log:OldKeyFile hold the same key: name the old one only while a new one takes over.");
    }

    private static Key Read(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
            throw new InvalidOperationException($"The key in {path} may be read by others: set its mode to 0600.");
        return Key.Import(SignatureAlgorithm.Ed25519, File.ReadAllBytes(path), KeyBlobFormat.RawPrivateKey);
    }

    /// <summary>Written aside and moved, so that another copy that starts at the same moment finds a whole key or none.</summary>
    private static void Create(string path)
    {
        using var key = Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        var aside = $"{path}.{Path.GetRandomFileName()}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(aside, options))
            file.Write(key.Export(KeyBlobFormat.RawPrivateKey));

        try
        {
            File.Move(aside, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(aside);
        }
    }
}
