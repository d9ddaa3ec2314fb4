using NSec.Cryptography;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// The key that signs checkpoints, and the log's name. The key (32 bytes, an Ed25519 seed) is made at the first start and kept
/// in a file that its owner alone may read (<c>Log:KeyFile</c>); the name is <c>Log:Origin</c>.
/// </summary>
internal sealed class LogKey : IDisposable
{
    private readonly Key _key;

    private LogKey(string origin, Key key) => (Origin, _key) = (origin, key);

    internal string Origin { get; }

    internal byte[] PublicKey => _key.PublicKey.Export(KeyBlobFormat.RawPublicKey);

    internal string VerifierKey => SignedNote.VerifierKey(Origin, PublicKey);

    internal string Sign(Checkpoint checkpoint) => SignedNote.Sign(checkpoint.Text, Origin, _key);

    /// <summary>Reads the key, or makes it where the file does not exist yet.</summary>
    /// <exception cref="InvalidOperationException">The setting is missing, or others than the owner may read the file.</exception>
    internal static LogKey Load(IConfiguration configuration)
    {
        var path = configuration["Log:KeyFile"] ?? throw new InvalidOperationException("The setting Log:KeyFile is missing.");
        var origin = configuration["Log:Origin"] ?? "marketplace.local/ledger";

        if (!File.Exists(path))
            Create(path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
            throw new InvalidOperationException($"The key in {path} may be read by others: set its mode to 0600.");

        var key = Key.Import(SignatureAlgorithm.Ed25519, File.ReadAllBytes(path), KeyBlobFormat.RawPrivateKey);
        return new(origin, key);
    }

    public void Dispose() => _key.Dispose();

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
