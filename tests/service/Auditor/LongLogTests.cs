using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Marketplace.Auditor.Log;
using Marketplace.Auditor.Verify;
using Marketplace.ServiceTests.Payment;

namespace Marketplace.ServiceTests.Auditor;

/// <summary>
/// A log of more than a tile, read by somebody else's code: a small Go program on golang.org/x/mod's <c>note</c> and <c>tlog</c>, from
/// the system's packages (golang-go, golang-golang-x-mod-dev), nothing is downloaded; and read twice by the auditor, who keeps full tiles.
/// </summary>
public sealed class LongLogTests(PaymentFixture given) : IClassFixture<PaymentFixture>, IAsyncLifetime
{
    private const string Packages = "/usr/share/gocode";
    private readonly string _folder = Directory.CreateTempSubdirectory("log-client-").FullName;

    private string _earlier = "";

    public async ValueTask InitializeAsync()
    {
        using var client = given.Service.Anybody();
        await given.ARequesterWith(10_000);
        _earlier = await Logged(client, 2);
        while (SignedCheckpoint.Read(await Logged(client, 1)).Size < 300)
        {
            for (var i = 0; i < 300; i++)
                await given.ARequesterWith(10_000);
            await Logged(client, 300);
        }
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Another_implementation_accepts_every_entry_of_more_than_a_tile_and_the_trees_growth()
    {
        Assert.SkipUnless(Directory.Exists(Path.Combine(Packages, "src/golang.org/x/mod")), "golang-golang-x-mod-dev is not installed");
        using var client = given.Service.Anybody();
        var older = Path.Combine(_folder, "earlier");
        await File.WriteAllTextAsync(older, _earlier, TestContext.Current.CancellationToken);
        var key = await client.GetStringAsync("/log/key", TestContext.Current.CancellationToken);
        var (code, output) = await Go("run", Repository("tests/log-client/main.go"), $"{given.Service.Address}log/", key, older);
        Assert.True(code == 0, output);
        var said = Regex.Match(output, "^([0-9]+) entries of marketplace.local/ledger are in the tree, which continues ([0-9]+) smaller ones");
        Assert.True(said.Success && Number(said.Groups[1]) >= 300 && Number(said.Groups[2]) == Number(said.Groups[1]) + 1, output);

        // It does say no, to a key that is not the log's.
        var (refused, why) = await Go("run", Repository("tests/log-client/main.go"), $"{given.Service.Address}log/", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        Assert.NotEqual(0, refused);
        Assert.Contains("the checkpoint's signature", why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_downloaded_is_kept_and_what_was_damaged_at_home_is_not_held_against_the_log()
    {
        Task<Report> Verify() => VerifyCommand.Verify(new() { Url = given.Service.Address.ToString(), Data = _folder }, TestContext.Current.CancellationToken);
        string Tile() => Directory.EnumerateFiles(_folder, "tile-entries-000", SearchOption.AllDirectories).Single();
        Assert.True((await Verify()).Passed);
        var (kept, written) = (await File.ReadAllBytesAsync(Tile(), TestContext.Current.CancellationToken), File.GetLastWriteTimeUtc(Tile()));

        Assert.True((await Verify()).Passed);
        Assert.Equal(written, File.GetLastWriteTimeUtc(Tile()));

        var damaged = (byte[])kept.Clone();
        damaged[1000] ^= 1;
        await File.WriteAllBytesAsync(Tile(), damaged, TestContext.Current.CancellationToken);
        var report = await Verify();
        Assert.True(report.Passed, report.ToText());
        Assert.Equal(kept, await File.ReadAllBytesAsync(Tile(), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("/log/tile/0/000", "public, max-age=31536000, immutable")]
    [InlineData("/log/tile/entries/000", "public, max-age=31536000, immutable")]
    [InlineData("/log/checkpoint", "no-store")]
    public async Task Full_tiles_may_be_kept_for_ever_and_the_checkpoint_never(string address, string caching)
    {
        using var client = given.Service.Anybody();
        using var answer = await client.GetAsync(address, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        Assert.Equal(caching.Split(", ").Order(), answer.Headers.CacheControl?.ToString().Split(", ").Order());
    }

    private static long Number(Group digits) => long.Parse(digits.Value, CultureInfo.InvariantCulture);

    private static async Task<string> Logged(HttpClient client, long atLeast)
    {
        var checkpoint = "";
        await Wait.Eventually(async () =>
        {
            using var answer = await client.GetAsync("/log/checkpoint", TestContext.Current.CancellationToken);
            checkpoint = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode && SignedCheckpoint.Read(checkpoint).Size >= atLeast;
        });
        return checkpoint;
    }

    private async Task<(int Code, string Output)> Go(params string[] arguments)
    {
        var start = new ProcessStartInfo("go", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in new[] { ("GO111MODULE", "off"), ("GOPATH", Packages), ("GOPROXY", "off"), ("GOFLAGS", ""), ("GOCACHE", Path.Combine(_folder, "cache")) })
            start.Environment[name] = value;
        try
        {
            using var go = Process.Start(start)!;
            var (said, complained) = (go.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), go.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            await go.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (go.ExitCode, await said + await complained);
        }
        catch (Win32Exception)
        {
            Assert.Skip("golang-go is not installed");
            throw;
        }
    }

    private static string Repository(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, path)))
                return Path.Combine(folder.FullName, path);
        }

        throw new InvalidOperationException($"No {path} above {AppContext.BaseDirectory}.");
    }
}
