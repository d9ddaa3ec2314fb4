using Dapper;
using Marketplace.Payment;
using Npgsql;

namespace Marketplace.ServiceTests.Payment;

/// <summary>A ledger with nobody but us, under the application's login.</summary>
public sealed class LedgerDatabase : IAsyncLifetime
{
    internal NpgsqlDataSource App { get; private set; } = null!;

    internal NpgsqlDataSource Owner { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var database = await Environment.Current.CloneDatabase("payment", typeof(PaymentService).Assembly);
        App = NpgsqlDataSource.Create(Environment.Current.App("payment", database));
        Owner = NpgsqlDataSource.Create(Environment.Current.Owner("payment", database));
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await Owner.DisposeAsync();
    }
}

/// <summary>The rules of the ledger, attacked with SQL by somebody who holds the application's password: the database refuses.</summary>
public sealed class LedgerRulesTests(LedgerDatabase ledger) : IClassFixture<LedgerDatabase>
{
    private const string Lock = "select lock_ledger()";

    private const string Bank = "bank";
    private const string Deposit = "deposit";

    [Fact]
    public async Task An_entry_that_balances_moves_its_accounts()
    {
        var (bank, deposit) = await Accounts();
        await Write(Lock, Entry(), Postings((bank, 100), (deposit, -100)));

        Assert.Equal((100, 0, 100), await Balance(bank));
        Assert.Equal((0, 100, -100), await Balance(deposit));
    }

    [Fact]
    public async Task An_entry_that_does_not_balance_is_refused()
    {
        var (bank, deposit) = await Accounts();
        await Refused("LG006", Lock, Entry(), Postings((bank, 100), (deposit, -99)));
        await Refused("LG006", Lock, Entry(), Postings((bank, 100)));
        Assert.Equal((0, 0, 0), await Balance(bank));
    }

    [Fact]
    public async Task Entries_that_only_balance_together_are_refused()
    {
        var (bank, deposit) = await Accounts();
        await Refused(
            "LG006", Lock, Entry(), Entry(),
            $"insert into posting select last_number, {deposit}, -5 from ledger_head union all select last_number - 1, {bank}, 5 from ledger_head");
    }

    [Fact]
    public async Task Nothing_is_added_to_an_entry_of_another_transaction()
    {
        var (bank, deposit) = await Accounts();
        await Write(Lock, Entry(), Postings((bank, 100), (deposit, -100)));
        var (other, third) = await Accounts();

        await Refused("LG004", Lock, Postings((other, 1), (third, -1)));
        await Refused("LG001", Postings((other, 1), (third, -1)));
        await Refused("LG004", Lock, Entry(), $"insert into posting select last_number - 1, {other}, 1 from ledger_head union all select last_number - 1, {third}, -1 from ledger_head");
    }

    [Fact]
    public async Task An_entry_of_no_number_that_exists_gets_no_postings()
    {
        var (bank, deposit) = await Accounts();
        await Refused("LG004", Lock, $"insert into posting select last_number + 1, {bank}, 1 from ledger_head union all select last_number + 1, {deposit}, -1 from ledger_head");
    }

    [Fact]
    public async Task Entries_need_the_ledger_locked_and_leave_no_gap()
    {
        await Refused("LG001", Entry());
        await Refused("LG002", Lock, Entry(2));
        await Refused("LG002", Lock, Entry(2), Entry(-1));
    }

    [Fact]
    public async Task An_entry_is_never_older_than_the_one_before_it()
    {
        await Write(Lock, Entry());
        await Refused("LG003", Lock, "insert into entry (number, key, kind, at, currency) select last_number + 1, 'deposit:old', 'deposit', '1999-12-31', 'EUR' from ledger_head");
    }

    [Theory]
    [InlineData("update entry set at = at")]
    [InlineData("update posting set amount_micros = 1")]
    [InlineData("update settlement set pay_micros = 1")]
    [InlineData("update policy set fee_bps = 0")]
    [InlineData("update payout set amount_micros = 10000")]
    [InlineData("update payout_step set state = 'settled'")]
    [InlineData("update deposit set amount_micros = 1")]
    [InlineData("delete from entry")]
    [InlineData("delete from posting")]
    [InlineData("delete from settlement")]
    [InlineData("delete from account")]
    [InlineData("truncate entry cascade")]
    [InlineData("truncate posting")]
    [InlineData("truncate settlement")]
    [InlineData("truncate payout_step")]
    public async Task What_is_written_stays(string attack)
    {
        await Refused(PostgresErrorCodes.InsufficientPrivilege, attack);

        // The owner has the right, and is refused all the same.
        await using var owner = await ledger.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        Assert.Equal("LG000", (await Assert.ThrowsAsync<PostgresException>(() => owner.ExecuteAsync(attack))).SqlState);
    }

    [Theory]
    [InlineData("update account set debits_micros = 0, credits_micros = 0")]
    [InlineData("update account set version = 1")]
    [InlineData("update account set name = 'assets:mine'")]
    [InlineData("insert into account (name, public_name, kind, currency, credits_micros) values ('a', 'a', 'fees', 'EUR', 5)")]
    [InlineData("update ledger_head set last_number = 0")]
    [InlineData("insert into ledger_head (id, secret) values (2, '')")]
    [InlineData("alter table posting disable trigger apply_postings")]
    [InlineData("drop trigger only_grows on entry")]
    [InlineData("create or replace function lock_ledger(out last_number bigint, out last_at timestamptz) language sql as 'select 0::bigint, now()'")]
    public async Task Nobody_but_the_postings_moves_a_balance(string attack) =>
        await Refused(PostgresErrorCodes.InsufficientPrivilege, attack);

    [Fact]
    public async Task No_deposit_no_escrow_and_no_balance_goes_below_zero()
    {
        var (bank, deposit) = await Accounts();
        await Write(Lock, Entry(), Postings((bank, 100), (deposit, -100)));
        var escrow = await Account("escrow", "job_id");
        var payable = await Account("payable", "worker_id");
        var inTransit = await Account("in-transit", "worker_id");

        await Refused(PostgresErrorCodes.CheckViolation, Lock, Entry(), Postings((deposit, 101), (escrow, -101)));
        await Refused(PostgresErrorCodes.CheckViolation, Lock, Entry(), Postings((escrow, 1), (payable, -1)));
        await Refused(PostgresErrorCodes.CheckViolation, Lock, Entry(), Postings((payable, 1), (inTransit, -1)));
        await Refused(PostgresErrorCodes.CheckViolation, Lock, Entry(), Postings((inTransit, 1), (bank, -1)));
        await Refused(PostgresErrorCodes.CheckViolation, Lock, Entry(), Postings((bank, -101), (deposit, 101)));
        Assert.Equal((100, 0, 100), await Balance(bank));
    }

    [Fact]
    public async Task A_key_is_used_once_whatever_the_facts()
    {
        await Write(Lock, Entry(key: "deposit:sandbox:7"));
        await Refused(PostgresErrorCodes.UniqueViolation, Lock, Entry(key: "deposit:sandbox:7"));
        await Refused(PostgresErrorCodes.UniqueViolation, Lock, Entry(key: "deposit:sandbox:7", kind: "policy-adopted"));
    }

    [Fact]
    public async Task Currencies_do_not_mix()
    {
        var (bank, deposit) = await Accounts();
        var dollars = await Account(Bank, null, "USD");
        await Refused("LG005", Lock, Entry(), Postings((bank, 5), (dollars, -5)));
        await Refused("LG005", Lock, Entry(), Postings((deposit, 5), (-1, -5)));
    }

    [Fact]
    public async Task A_payout_is_resolved_at_most_once()
    {
        await Write(Lock, Entry(), Entry(), Entry());
        await using var connection = await ledger.App.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var last = await connection.ExecuteScalarAsync<long>("select last_number from ledger_head");
        await Write(
            "insert into payout values ('00000000-0000-0000-0000-000000000001', gen_random_uuid(), 'sandbox', 'SANDBOX-1', 10000, now())",
            $"insert into payout_step values ('00000000-0000-0000-0000-000000000001', 1, 'issued', {last - 2}, now())",
            $"insert into payout_step values ('00000000-0000-0000-0000-000000000001', 2, 'settled', {last - 1}, now())");

        await Refused(
            PostgresErrorCodes.UniqueViolation,
            $"insert into payout_step values ('00000000-0000-0000-0000-000000000001', 2, 'failed', {last}, now())");
    }

    [Fact]
    public async Task Writers_come_one_after_the_other_and_number_order_is_commit_order()
    {
        var numbers = new System.Collections.Concurrent.ConcurrentQueue<long>();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            await using var connection = await ledger.App.OpenConnectionAsync();
            for (var i = 0; i < 10; i++)
            {
                await using var transaction = await connection.BeginTransactionAsync();
                await connection.ExecuteAsync(Lock, null, transaction);
                var number = await connection.ExecuteScalarAsync<long>(Entry() + " returning number", null, transaction);
                numbers.Enqueue(number);
                if (i % 3 == 0)
                    await transaction.RollbackAsync();
                else
                    await transaction.CommitAsync();
            }
        }));

        await using var reader = await ledger.App.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var (entries, last) = await reader.QuerySingleAsync<(long, long)>("select count(*), max(number) from entry");
        Assert.Equal(last, entries);
        Assert.Equal(numbers.Order(), numbers);
    }

    private async Task<(long Bank, long Deposit)> Accounts() => (await Account(Bank), await Account(Deposit, "requester_id"));

    private async Task<long> Account(string kind, string? owner = null, string currency = "EUR")
    {
        await using var connection = await ledger.App.OpenConnectionAsync(TestContext.Current.CancellationToken);
        return await connection.ExecuteScalarAsync<long>(
            owner is null
                ? "insert into account (name, public_name, kind, currency) values (gen_random_uuid()::text, 'x', @kind, @currency) returning account_id"
                : $"insert into account (name, public_name, kind, currency, {owner}) values (gen_random_uuid()::text, 'x', @kind, @currency, gen_random_uuid()) returning account_id",
            new { kind, currency });
    }

    private async Task<(long Debits, long Credits, long Balance)> Balance(long account)
    {
        await using var connection = await ledger.App.OpenConnectionAsync(TestContext.Current.CancellationToken);
        return await connection.QuerySingleAsync<(long, long, long)>(
            "select debits_micros, credits_micros, balance_micros from account where account_id = @account", new { account });
    }

    /// <summary>The head moves with each entry of a transaction: the next is always one ahead.</summary>
    private static string Entry(int ahead = 1, string? key = null, string kind = "deposit") =>
        "insert into entry (number, key, kind, at, currency) "
        + $"select last_number + {ahead}, '{key ?? Guid.NewGuid().ToString()}', '{kind}', '2026-03-03', 'EUR' from ledger_head";

    private static string Postings(params (long Account, long Amount)[] postings) =>
        "insert into posting (entry_number, account_id, amount_micros) select last_number, p.a, p.m from ledger_head, (values "
        + string.Join(", ", postings.Select(p => $"({p.Account}::bigint, {p.Amount}::bigint)")) + ") as p (a, m)";

    private async Task Write(params string[] statements)
    {
        await using var connection = await ledger.App.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
        foreach (var statement in statements)
            await connection.ExecuteAsync(statement, null, transaction);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
    }

    private async Task Refused(string state, params string[] statements) =>
        Assert.Equal(state, (await Assert.ThrowsAsync<PostgresException>(() => Write(statements))).SqlState);
}
