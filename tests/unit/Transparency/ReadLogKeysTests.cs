using System.Runtime.Versioning;
using Marketplace.Payment.Transparency;
using Microsoft.Extensions.Configuration;

namespace Marketplace.UnitTests.Transparency;

/// <summary>The file of the key that signs the log.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ReadLogKeysTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("log-keys-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_key_is_made_once_and_its_owner_alone_may_read_it()
    {
        Assert.Equal(Load("log.key"), Load("log.key"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "log.key")));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_key_that_others_may_read_is_refused()
    {
        Load("log.key");
        File.SetUnixFileMode(Path.Combine(_folder, "log.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var refused = Assert.Throws<InvalidOperationException>(() => Load("log.key"));
        Assert.Contains("set its mode to 0600", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_old_key_that_is_missing_or_the_same_is_refused()
    {
        Load("log.key");
        Assert.Throws<InvalidOperationException>(() => Load("next.key", "nowhere.key"));
        Assert.Throws<InvalidOperationException>(() => Load("log.key", "log.key"));
    }

    private string Load(string key, string? old = null)
    {
        var settings = new Dictionary<string, string?> { ["Log:KeyFile"] = Path.Combine(_folder, key), ["Log:OldKeyFile"] = old is null ? null : Path.Combine(_folder, old) };
        using var keys = ReadLogKeys.Load(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        return keys.VerifierKey;
    }
}
