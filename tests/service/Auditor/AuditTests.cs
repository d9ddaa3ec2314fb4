using System.Security.Cryptography;
using Dapper;
using Marketplace.Auditor.Evidence;
using Marketplace.Auditor.Log;
using Marketplace.Auditor.Verify;
using Marketplace.Payment.Transparency;
using Marketplace.ServiceTests.Payment;
using NSec.Cryptography;

namespace Marketplace.ServiceTests.Auditor;

/// <summary>The auditor against a running payment service: an honest ledger passes, and each planted fraud is found and named.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private const string Origin = "marketplace.local/ledger";
    private readonly PaymentFixture _given = new();
    private readonly string _data = Directory.CreateTempSubdirectory("auditor-").FullName;
    private long _entries;

    public async ValueTask InitializeAsync()
    {
        await _given.InitializeAsync();
        var job = await _given.AFundedJob();
        foreach (var active in new[] { 5_000L, 21_000, 60_000 })
        {
            var end = PaymentFixture.AnEnd(job, activeMs: active);
            await _given.Broker.Publish(end);
            await _given.Paid(end);
        }

        await using (var connection = await _given.Service.Owner.OpenConnectionAsync())
            _entries = await connection.ExecuteScalarAsync<long>("select max(number) from entry");
        await Logged();
    }

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(_data, recursive: true);
        await _given.DisposeAsync();
    }

    [Fact]
    public async Task An_honest_ledger_passes_and_is_remembered()
    {
        var first = await Verify();
        Assert.True(first.Passed, first.ToText());
        Assert.Equal((_entries, 3L), (first.Entries, first.Assignments));

        await _given.ARequesterWith(5_000_000);
        _entries++;
        await Logged();
        var second = await Verify();
        Assert.True(second.Passed, second.ToText());
        Assert.Contains(second.Checks, c => c.Result.Contains("entries were seen", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("update posting set amount_micros = amount_micros - sign(amount_micros) where entry_number = 2", "Entry 2: it is not what was logged")]
    [InlineData("delete from posting where entry_number = 5; delete from settlement where entry_number = 5; delete from salt where entry_number = 5; delete from entry where number = 5", "Entry 5")]
    [InlineData("update entry set number = -4 where number = 4; update entry set number = 4 where number = 5; update entry set number = 5 where number = -4", "Entry 4")]
    public async Task What_is_changed_after_it_was_logged_is_found(string fraud, string finding)
    {
        await Plant($"alter table settlement drop constraint settlement_entry_number_fkey; alter table entry drop constraint entry_number_check; {fraud}");
        var report = await Verify();
        Assert.False(report.Passed);
        Assert.Contains(report.Findings, f => f.StartsWith(finding, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("update settlement set pay_micros = pay_micros - 1, top_up_micros = top_up_micros - 1 where entry_number = 6", "is 1 under the floor")]
    [InlineData("update settlement set credited_ms = credited_ms - 4000 where entry_number = 6", "4000 ms were cut without a reason")]
    [InlineData("update settlement set reward_micros = reward_micros + 1000 where entry_number = 4", "should be")]
    [InlineData("alter table entry drop constraint entry_once; update entry set key = (select key from entry where number = 2) where number = 3", "its key was used before")]
    [InlineData("update posting set amount_micros = amount_micros - 1 where entry_number = 3 and amount_micros > 0", "it does not balance")]
    public async Task What_was_wrong_when_it_was_logged_is_found_by_whoever_comes_new(string fraud, string finding)
    {
        await Plant(
            "alter table settlement drop constraint never_below_the_floor, drop constraint pay_adds_up; " +
            $"{fraud}; delete from log_node; delete from log_checkpoint");
        await Logged();
        var report = await Verify();
        Assert.False(report.Passed);
        Assert.Contains(report.Findings, f => f.Contains(finding, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_history_written_anew_contradicts_what_was_seen_before()
    {
        Assert.True((await Verify()).Passed);
        await Plant("update settlement set allowance_left_ms = allowance_left_ms + 1; delete from log_node; delete from log_checkpoint");
        await Logged();
        var contradiction = await Assert.ThrowsAsync<CryptographicException>(Verify);
        Assert.Contains("forked", contradiction.Message, StringComparison.Ordinal);
        Assert.Single(Directory.EnumerateFiles(_data, "evidence-*.txt", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_log_that_was_cut_and_a_signature_that_is_forged_are_found_without_reading_an_entry()
    {
        using var key = Key.Import(SignatureAlgorithm.Ed25519, await File.ReadAllBytesAsync(Path.Combine(Environment.Current.KeyFolder, "log.key"), TestContext.Current.CancellationToken), KeyBlobFormat.RawPrivateKey);
        var longer = Path.Combine(_data, "longer");
        await File.WriteAllTextAsync(longer, SignedNote.Sign(new Checkpoint(Origin, _entries + 4, new byte[32]).Text, Origin, key), TestContext.Current.CancellationToken);
        var cut = await Assert.ThrowsAsync<CryptographicException>(() => Verify(since: longer));
        Assert.Contains("The log was cut", cut.Message, StringComparison.Ordinal);

        using var other = Key.Create(SignatureAlgorithm.Ed25519);
        await using (var connection = await _given.Service.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            var root = await connection.ExecuteScalarAsync<byte[]>("select root from log_checkpoint where size = @_entries", new { _entries });
            await connection.ExecuteAsync(
                "alter table log_checkpoint disable trigger user; update log_checkpoint set note = @Note where size = @Size",
                new { Note = SignedNote.Sign(new Checkpoint(Origin, _entries, root!).Text, Origin, other), Size = _entries });
        }

        var forged = await Assert.ThrowsAsync<CryptographicException>(Verify);
        Assert.Contains("forged", forged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_balance_that_is_not_the_sum_of_the_entries_is_found()
    {
        await Plant("alter table account disable trigger user; update account set credits_micros = credits_micros + 1 where kind = 'commons'");
        var report = await Verify();
        Assert.False(report.Passed);
        Assert.Contains(report.Checks, c => !c.Passed && c.Result.StartsWith("liabilities:commons is published as", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_forked_history_is_found_with_the_proof_of_it_in_one_file()
    {
        Assert.True((await Verify()).Passed);
        await Plant("update settlement set allowance_left_ms = allowance_left_ms + 1; delete from log_node; delete from log_checkpoint");
        await _given.ARequesterWith(5_000_000);
        _entries++;
        await Logged();
        var report = await Verify();
        Assert.Contains(report.Checks, c => !c.Passed && c.What.StartsWith("The history continues", StringComparison.Ordinal));

        using var client = _given.Service.Anybody();
        var key = VerifierKey.Parse(await client.GetStringAsync("/log/key", TestContext.Current.CancellationToken));
        var evidence = ForkEvidence.Parse(await File.ReadAllTextAsync(Directory.EnumerateFiles(_data, "evidence-*.txt", SearchOption.AllDirectories).Single(), TestContext.Current.CancellationToken));
        Assert.Contains($"whose first {_entries - 1} are others", evidence.Judge([key]).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pay_under_a_policy_that_nobody_adopted_is_logged_and_found_and_stops_nothing()
    {
        await Plant("update settlement set policy_version = 7 where entry_number = 5; delete from log_node; delete from log_checkpoint");
        await Logged();
        var report = await Verify();
        Assert.Contains("Entry 5: it names pay policy 7, which no entry before it adopts", report.Findings);
    }

    private Task<Report> Verify() => Verify(null);

    private Task<Report> Verify(string? key = null, string? since = null) => VerifyCommand.Verify(
        new() { Url = _given.Service.Address.ToString(), Data = _data, Key = key, Since = since }, TestContext.Current.CancellationToken);

    /// <summary>As an operator with the owner's login could, who first takes away what forbids it.</summary>
    private async Task Plant(string fraud)
    {
        await using var connection = await _given.Service.Owner.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        foreach (var table in new[] { "entry", "posting", "settlement", "log_node", "log_checkpoint" })
            await connection.ExecuteAsync($"alter table {table} disable trigger user", null, transaction);
        await connection.ExecuteAsync(fraud, null, transaction);
        await transaction.CommitAsync();
    }

    private Task Logged() => Wait.Eventually(async () =>
    {
        using var connection = _given.Service.Owner.OpenConnection();
        return await connection.ExecuteScalarAsync<long?>("select max(size) from log_checkpoint") == _entries;
    });
}
