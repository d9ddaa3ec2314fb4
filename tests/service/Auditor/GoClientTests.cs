using System.ComponentModel;
using System.Diagnostics;
using Marketplace.ServiceTests.Payment;

namespace Marketplace.ServiceTests.Auditor;

/// <summary>
/// The log, read by somebody else's code: a small Go program on golang.org/x/mod's <c>note</c> and <c>tlog</c>, from the system's
/// packages (golang-go, golang-golang-x-mod-dev). Nothing is downloaded.
/// </summary>
public sealed class GoClientTests(PaymentFixture given) : IClassFixture<PaymentFixture>, IAsyncLifetime
{
    private const string Packages = "/usr/share/gocode";
    private readonly string _folder = Directory.CreateTempSubdirectory("log-client-").FullName;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

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
        await given.AFundedJob();
        var earlier = await Logged(client, 3);
        for (var i = 0; i < 300; i++)
            await given.ARequesterWith(10_000);
        await Logged(client, 303);

        var older = Path.Combine(_folder, "earlier");
        await File.WriteAllTextAsync(older, earlier, TestContext.Current.CancellationToken);
        var key = await client.GetStringAsync("/log/key", TestContext.Current.CancellationToken);
        var (code, output) = await Go("run", Repository("tests/log-client/main.go"), $"{given.Service.Address}log/", key, older);
        Assert.True(code == 0, output);
        Assert.StartsWith("303 entries of marketplace.local/ledger are in the tree, which continues 304 smaller ones", output, StringComparison.Ordinal);

        // It does say no: a key that is not the log's, and an earlier checkpoint of another log.
        var (refused, why) = await Go("run", Repository("tests/log-client/main.go"), $"{given.Service.Address}log/", "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
        Assert.NotEqual(0, refused);
        Assert.Contains("the checkpoint's signature", why, StringComparison.Ordinal);
    }

    private static async Task<string> Logged(HttpClient client, long atLeast)
    {
        var checkpoint = "";
        await Wait.Eventually(async () =>
        {
            using var answer = await client.GetAsync("/log/checkpoint", TestContext.Current.CancellationToken);
            checkpoint = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode && Marketplace.Auditor.Log.SignedCheckpoint.Read(checkpoint).Size >= atLeast;
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
