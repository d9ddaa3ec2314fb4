using Marketplace.Auditor.Verify;

namespace Marketplace.UnitTests.Books;

/// <summary>A leaf that cannot be read is named and reported, and what was fetched with it is not kept.</summary>
public sealed class MalformedLeafTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("auditor-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory]
    [InlineData(17)]
    [InlineData(300)]
    public async Task The_entry_is_named_and_the_next_run_starts_from_what_was_good(int number)
    {
        await using var log = await GivenLog.OfDeposits(300);
        log.Leaves[number - 1] = log.Leaves[number - 1][..^3];
        var report = await Verify(log);
        Assert.False(report.Passed);
        Assert.Contains($"Entry {number}: its leaf cannot be read. The leaf ends in the middle of a field.", report.Findings);
        Assert.DoesNotContain(report.Findings, f => f.StartsWith("Entry", StringComparison.Ordinal) && !f.StartsWith($"Entry {number}:", StringComparison.Ordinal));
        Assert.Equal(number > 256, Kept().Any());
        Assert.Empty(Directory.EnumerateFiles(_data, "state.json", SearchOption.AllDirectories));

        // Mended, it passes: nothing of what was bad is left at home.
        log.Leaves[number - 1] = GivenLog.Deposit(number);
        var mended = await Verify(log);
        Assert.True(mended.Passed, mended.ToText());
        Assert.Single(Kept());
    }

    [Fact]
    public async Task A_leaf_that_is_a_line_of_noise_is_no_crash()
    {
        await using var log = await GivenLog.OfDeposits(30);
        foreach (var noise in new byte[][] { [], [2], [9, 9, 9], [.. Enumerable.Repeat((byte)0xff, 400)] })
        {
            log.Leaves[4] = noise;
            Assert.Contains((await Verify(log)).Findings, f => f.StartsWith("Entry 5: its leaf cannot be read.", StringComparison.Ordinal));
        }
    }

    private IEnumerable<string> Kept() => Directory.EnumerateFiles(_data, "tile-*", SearchOption.AllDirectories);

    private Task<Report> Verify(GivenLog log) => VerifyCommand.Verify(new() { Url = log.Address, Data = _data }, TestContext.Current.CancellationToken);
}
