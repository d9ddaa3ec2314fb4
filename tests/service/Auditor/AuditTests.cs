using System.Security.Cryptography;
using Dapper;
using Marketplace.Auditor.Evidence;
using Marketplace.Auditor.Log;
using Marketplace.Auditor.Receipts;
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
    private readonly List<TaskCompleted> _ends = [];
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
            _ends.Add(end);
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
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(0)]
    public async Task A_ledger_of_either_version_or_of_both_is_accepted(int version)
    {
        await Became(version);
        var report = await Verify();
        Assert.True(report.Passed, report.ToText());
    }

    public static TheoryData<int, string, string> Changes => InBothVersions(
        ("update posting set amount_micros = amount_micros - sign(amount_micros) where entry_number = 2", "Entry 2: it is not what was logged"),
        ("delete from posting where entry_number = 5; delete from settlement where entry_number = 5; delete from salt where entry_number = 5; delete from public_entry where number = 5; delete from entry where number = 5", "Entry 5"),
        ("update public_entry set number = 400 where number = 4; update public_entry set number = 4 where number = 5; update public_entry set number = 5 where number = 400", "Entry 4"));

    [Theory, MemberData(nameof(Changes))]
    public async Task What_is_changed_after_it_was_logged_is_found(int version, string fraud, string finding)
    {
        await Became(version);
        await Plant($"alter table settlement drop constraint settlement_entry_number_fkey; {fraud}");
        var report = await Verify();
        Assert.False(report.Passed);
        Assert.Contains(report.Findings, f => f.StartsWith(finding, StringComparison.Ordinal));
    }

    public static TheoryData<int, string, string> Wrongs => InBothVersions(
        ("update settlement set pay_micros = pay_micros - 1, top_up_micros = top_up_micros - 1 where entry_number = 6", "Entry 6: it pays 249999 micro-units and is 1 under the floor"),
        ("update settlement set reward_micros = reward_micros + 1000 where entry_number = 4", "should be"),
        ("update public_entry set key = (select key from public_entry where number = 2) where number = 3", "its key was used before"),
        ("update settlement set credited_ms = limit_ms + reading_ms + 1 where entry_number = 6", "Entry 6: it credits"),
        ("update posting set amount_micros = amount_micros - 1 where entry_number = 3 and amount_micros > 0", "it does not balance"));

    [Theory, MemberData(nameof(Wrongs))]
    [InlineData(1, "update settlement set credited_ms = credited_ms - 4000 where entry_number = 6", "4000 ms were cut without a reason")]
    [InlineData(2, "update settlement set credited_ms = credited_ms - 4000 where entry_number = 6", "Entry 6: owed, top-up and pay are")]
    [InlineData(2, "update public_entry set batch = 1 where number >= 2; update public_entry set key = decode(repeat('00', 32), 'hex') where number = 5", "Entry 5: its key does not come after")]
    [InlineData(2, "update public_entry set batch = 2 where number = 5", "Entry 5: it names 2 entries before its batch")]
    [InlineData(2, "update public_entry set batch = null where number = 3", "Entry 3: its leaf is of version 1, after one of version 2")]
    public async Task What_was_wrong_when_it_was_logged_is_found_by_whoever_comes_new(int version, string fraud, string finding)
    {
        await Became(version, $"alter table settlement drop constraint never_below_the_floor, drop constraint pay_adds_up; {fraud};");
        var report = await Verify();
        Assert.False(report.Passed);
        Assert.Contains(report.Findings, f => f.Contains(finding, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Facts_that_do_not_fit_their_commitment_are_found_in_the_workers_receipt()
    {
        var end = _ends[1];
        using var worker = _given.Service.Worker(end.WorkerId);
        using var client = _given.Service.Anybody();
        var key = await client.GetStringAsync("/log/key", TestContext.Current.CancellationToken);
        async Task<List<string>> Receipt() =>
            [.. ReceiptCommand.Check(await worker.GetStringAsync($"/ledger/receipts/{end.AssignmentId}", TestContext.Current.CancellationToken), new() { File = "", Key = key })];
        Assert.Equal(4, (await Receipt()).Count);

        await Plant("update settlement set active_ms = active_ms + 1");
        var refused = await Assert.ThrowsAsync<CryptographicException>(Receipt);
        Assert.Contains("not those that the entry is committed to", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_history_written_anew_contradicts_what_was_seen_before()
    {
        Assert.True((await Verify()).Passed);
        await Plant("update settlement set terms_version = terms_version + 1; delete from log_node; delete from log_checkpoint");
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
        await Plant("update settlement set terms_version = terms_version + 1; delete from log_node; delete from log_checkpoint");
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
        await Became(2, "update settlement set policy_version = 7 where entry_number = 5;");
        var report = await Verify();
        Assert.Contains("Entry 5: it names pay policy 7, which no entry before it adopts", report.Findings);
    }

    private Task<Report> Verify() => Verify(null);

    private Task<Report> Verify(string? key = null, string? since = null) => VerifyCommand.Verify(
        new() { Url = _given.Service.Address.ToString(), Data = _data, Key = key, Since = since }, TestContext.Current.CancellationToken);

    private static TheoryData<int, string, string> InBothVersions(params (string Fraud, string Finding)[] frauds)
    {
        var data = new TheoryData<int, string, string>();
        foreach (var (fraud, finding) in frauds)
        {
            data.Add(1, fraud, finding);
            data.Add(2, fraud, finding);
        }

        return data;
    }

    /// <summary>
    /// Makes the log anew as one of version 1, of 2, or (0) one that began with 1 and goes on with 2, its entries in the order in which they were
    /// booked, each by itself, so that frauds can name them.
    /// </summary>
    private async Task Became(int version, string fraud = "")
    {
        var lastOfFirst = version switch { 1 => long.MaxValue, 2 => 0, _ => 4 };
        await Plant(
            $"""
            create temp table before on commit drop as select * from public_entry;
            delete from public_entry;
            insert into public_entry (number, entry_number, key, kind, job_id, batch, facts)
            select entry_number, entry_number, key, kind, job_id,
              case when entry_number > {lastOfFirst} then entry_number - 1 end, case when entry_number > {lastOfFirst} then facts end
            from before;
            delete from log_leaf_version;
            {fraud}
            delete from log_node;
            delete from log_checkpoint
            """);
        await Logged();
    }

    /// <summary>As an operator with the owner's login could, who first takes away what forbids it.</summary>
    private async Task Plant(string fraud)
    {
        await using var connection = await _given.Service.Owner.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        string[] guarded = ["entry", "posting", "settlement", "public_entry", "log_leaf_version", "log_node", "log_checkpoint"];
        foreach (var table in guarded)
            await connection.ExecuteAsync($"alter table {table} disable trigger user", null, transaction);
        await connection.ExecuteAsync(
            $"""
            alter table public_entry drop constraint if exists public_entry_entry_number_fkey, drop constraint if exists public_entry_key_key,
              drop constraint if exists public_entry_check;
            {fraud}
            """,
            null,
            transaction);

        // What is booked afterwards is booked as ever.
        foreach (var table in guarded)
            await connection.ExecuteAsync($"alter table {table} enable trigger user", null, transaction);
        await transaction.CommitAsync();
    }

    private Task Logged() => Wait.Eventually(async () =>
    {
        using var connection = _given.Service.Owner.OpenConnection();
        return await connection.ExecuteScalarAsync<long?>("select max(size) from log_checkpoint") == _entries;
    });
}
