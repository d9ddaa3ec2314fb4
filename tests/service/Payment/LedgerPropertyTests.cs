using CsCheck;
using Dapper;
using Marketplace.Payment;
using Marketplace.Payment.Deposits;
using Marketplace.Payment.Escrow;
using Marketplace.Payment.Ledger;
using Marketplace.Payment.Payouts;
using Marketplace.Payment.Settlement;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Marketplace.ServiceTests.Payment;

/// <summary>Any sequence of commands leaves exactly the balances, and gets exactly the refusals, that an independent oracle predicts.</summary>
public sealed class LedgerPropertyTests
{
    private static readonly (long Reward, long? Estimate)[] Terms =
        [(37_500, 9_000), (125_000, 30_000), (40_000, null), (50_000, 30_000), (0, 5_000), (1, null), (1_000_000, 12_345)];

    private static readonly int[] Kinds = [0, 0, 1, 1, 2, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8];

    private static readonly Gen<Command[]> Sequences = Gen.Select(
        Gen.Int[0, Kinds.Length - 1], Gen.Int[0, 1_000_000], Gen.Int[0, 1_000_000], Gen.Long[0, 200_000],
        (kind, a, b, amount) => new Command(Kinds[kind], a, b, amount)).Array[20, 50];

    private sealed record Command(int Kind, int A, int B, long Amount);

    [Fact]
    public async Task Every_balance_and_every_refusal_is_as_predicted()
    {
        // Nothing settles by itself here: payouts are resolved by command.
        await using var service = await RunningService.Start("payment", PaymentService.Build, null, "--Payouts:AskEveryMs=1000000000");
        await Sequences.SampleAsync(
            async commands =>
            {
                var run = new Sequence(service);
                await run.Begin();
                foreach (var command in commands)
                    await run.Do(command);
                await run.Check();
            },
            iter: 12, threads: 1);
    }

    /// <summary>One sequence with people and jobs of its own, given to the service and to the oracle alike.</summary>
    private sealed class Sequence(RunningService service)
    {
        private readonly LedgerOracle _oracle = new();
        private readonly CashDesk _desk = service.Services.GetRequiredService<CashDesk>();
        private readonly Guid[] _requesters = [Guid.NewGuid(), Guid.NewGuid()];
        private readonly Guid[] _workers = [Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid()];
        private readonly List<JobPosted> _jobs = [];
        private readonly List<TaskCompleted> _ends = [];
        private readonly List<(Payout Payout, int Worker)> _payouts = [];
        private (long Fees, long Commons, long Bank) _before;

        internal async Task Begin() => _before = await Totals();

        internal Task Do(Command c) => c.Kind switch
        {
            0 => Deposit(c.A % 2, ((c.Amount % 1000) + 1) * 10_000),
            1 => Post(c.A % 2, Terms[c.B % Terms.Length], c.Amount * 20),
            2 when _jobs.Count > 0 => Raise(c.A % _jobs.Count, c.Amount * 25),
            3 or 8 when _jobs.Count > 0 => End(c.A % _jobs.Count, c),
            4 when _ends.Count > 0 => Repeat(_ends[c.A % _ends.Count], changed: c.B % 2 == 0),
            5 when _jobs.Count > 0 => Close(c.A % _jobs.Count),
            6 => CashOut(c.A % 3, ((c.Amount % 50) + 1) * 10_000),
            7 when _payouts.Count > 0 => Resolve(c.A % _payouts.Count, arrived: c.B % 3 > 0),
            _ => Task.CompletedTask,
        };

        private Task Deposit(int requester, long amount) => Same(
            _oracle.Deposit(requester, amount),
            async () => (await AddDeposit.Add(_requesters[requester], new(amount), Guid.NewGuid().ToString(), _desk, default)).Refused is null);

        private async Task Post(int requester, (long Reward, long? Estimate) terms, long budget)
        {
            var job = PaymentFixture.AJob(_requesters[requester], budget, terms.Reward, terms.Estimate);
            var accepted = _oracle.Post(requester, terms.Reward, terms.Estimate, budget);
            if (accepted)
                _jobs.Add(job);
            await Same(accepted, () => new OnJobPosted(_desk.Database, _desk.Clock, _desk.Currency, _desk.Signal).Handle(job, default));
        }

        private Task Raise(int job, long total) => Same(
            _oracle.Raise(_oracle.Jobs[job], total),
            () => new OnJobBudgetRaised(_desk.Database, _desk.Clock, _desk.Currency, _desk.Signal).Handle(
                new() { JobId = _jobs[job].JobId, RequesterId = _jobs[job].RequesterId, BudgetTotalMicros = total }, default));

        private async Task End(int job, Command c)
        {
            var state = _oracle.Jobs[job];
            if (c.Kind == 8)
            {
                // A claim whose end comes later, or never.
                state.Claims += state.MayClaim ? 1 : 0;
                return;
            }

            if (state.Claims == state.Ended)
            {
                if (!state.MayClaim)
                    return;
                state.Claims++;
            }

            var (active, silent, allowance) = (c.Amount, c.B % 90_000, c.A % 120_000);
            var end = PaymentFixture.AnEnd(_jobs[job], _workers[c.B % 3], active, (AssignmentEnd)((c.A % 4) + 1), allowance);
            end = end with { EndedAt = end.EndedAt.AddMilliseconds(silent), UnseenMs = silent };
            _ends.Add(end);
            await Same(_oracle.End(state, c.B % 3, end.End, active, silent, allowance), () => Settle(end, end));
        }

        private Task Repeat(TaskCompleted end, bool changed) =>
            Same(!changed, () => Settle(changed ? end with { AllowanceLeftMs = end.AllowanceLeftMs + 1 } : end));

        private Task Close(int job) => Same(
            _oracle.Jobs[job].Refused || _oracle.Close(_oracle.Jobs[job]),
            () => _oracle.Jobs[job].Refused
                ? Task.CompletedTask
                : new OnJobClaimsClosed(_desk.Database, _desk.Clock, _desk.Currency, _desk.Signal).Handle(
                    new() { JobId = _jobs[job].JobId, Claims = _oracle.Jobs[job].Claims }, default));

        private Task CashOut(int worker, long amount) => Same(_oracle.CashOut(worker, amount), async () =>
        {
            var (done, _) = await IssuePayout.Issue(_workers[worker], new(amount), Guid.NewGuid().ToString(), _desk, default);
            if (done is not null)
                _payouts.Add((new Payout
                {
                    PayoutId = done.PayoutId, WorkerId = _workers[worker], Rail = done.Rail, Destination = "SANDBOX-1",
                    AmountMicros = done.AmountMicros, IssuedAt = done.IssuedAt,
                }, worker));
            return done is not null;
        });

        private async Task Resolve(int index, bool arrived)
        {
            var (payout, worker) = _payouts[index];
            _payouts.RemoveAt(index);
            async Task<bool> Step(PayoutStep step)
            {
                await using var connection = await _desk.Database.OpenConnectionAsync();
                await using var transaction = await connection.BeginTransactionAsync();
                var head = await PostEntries.Lock(transaction, _desk.Clock.GetUtcNow(), "EUR");
                var entry = await TakeStep.Handle(payout, step, null, head, transaction, default);
                await transaction.CommitAsync();
                return entry is not null;
            }

            await Same(_oracle.Resolve(worker, payout.AmountMicros, arrived), () => Step(arrived ? PayoutStep.Settled : PayoutStep.Failed));
            await Same(false, () => Step(arrived ? PayoutStep.Failed : PayoutStep.Settled));
        }

        private async Task Settle(params TaskCompleted[] ends)
        {
            await using var connection = await _desk.Database.OpenConnectionAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            var writes = await SettleEnds.Handle(ends, transaction, _desk.Clock.GetUtcNow(), "EUR", default);
            await writes!.Commit(default);
        }

        private static Task Same(bool predicted, Func<Task> command) => Same(predicted, async () =>
        {
            try
            {
                await command();
                return true;
            }
            catch (Exception e) when (e is PostgresException or InvalidOperationException or ArgumentException)
            {
                return false;
            }
        });

        private static async Task Same(bool predicted, Func<Task<bool>> command) => Assert.Equal(predicted, await command());

        internal async Task Check()
        {
            for (var i = 0; i < _requesters.Length; i++)
            {
                Assert.Equal(_oracle.Deposits.GetValueOrDefault(i), await Balance(Account.Deposit(_requesters[i])));
                Assert.Equal(_oracle.Credited.GetValueOrDefault(i), await Value($"select coalesce(sum(credits_micros), 0)::bigint from account where requester_id = '{_requesters[i]}'"));
            }

            for (var i = 0; i < _workers.Length; i++)
            {
                Assert.Equal(_oracle.Owed.GetValueOrDefault(i), await Balance(Account.Payable(_workers[i])));
                Assert.Equal(_oracle.InTransit.GetValueOrDefault(i), await Balance(Account.InTransit(_workers[i])));
            }

            for (var i = 0; i < _jobs.Count; i++)
            {
                Assert.Equal(_oracle.Jobs[i].Escrow, await Balance(Account.Escrow(_jobs[i].JobId)));
                if (!_oracle.Jobs[i].IsOver)
                    Assert.Equal(_oracle.Jobs[i].Funded, await Value($"select funded from job where job_id = '{_jobs[i].JobId}'"));
            }

            Assert.Equal((_before.Fees + _oracle.Fees, _before.Commons + _oracle.Commons, _before.Bank + _oracle.Bank), await Totals());
            Assert.Equal(0, await Balance(Account.Shortfall));
            Assert.Equal(0, await Value("select coalesce(sum(balance_micros), 0)::bigint from account"));
            Assert.Equal(0, await Value("select count(*) from (select account_id, sum(amount_micros) from posting group by 1) p join account a using (account_id) where a.balance_micros <> p.sum"));
            Assert.Equal(0, await Value("select max(number) - count(*) from entry"));
        }

        private async Task<(long Fees, long Commons, long Bank)> Totals() =>
            (await Balance(Account.Fees), await Balance(Account.Commons), -await Balance(Account.Bank("sandbox")));

        private async Task<long> Balance(Account account) =>
            await Value($"select coalesce(-sum(balance_micros), 0)::bigint from account where name = '{account.Name}'");

        private async Task<long> Value(string sql)
        {
            await using var connection = await _desk.Database.OpenConnectionAsync();
            return await connection.ExecuteScalarAsync<long>(sql);
        }
    }
}
