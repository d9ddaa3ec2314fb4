using Marketplace.PayRule;
using Marketplace.Platform;
using Marketplace.Worker.Assignments;
using Marketplace.Worker.Jobs;
using Npgsql;

namespace Marketplace.Worker.Earnings;

/// <summary>A worker's balance, payouts, allowance and last days, with the payslip of one day: the latest one with work, or the one asked for.</summary>
internal sealed class ShowEarnings(
    NpgsqlDataSource database, PolicyQueries policies, EarningsQueries queries, Publication publication, TimeProvider clock)
{
    private const int Days = 7;

    internal sealed record Response(
        long BalanceMicros, DaySum Today, IReadOnlyList<DaySum> LastDays, AllowanceNow Allowance, IReadOnlyList<PayoutShown> Payouts);

    internal sealed record PayslipJson(
        DateOnly Day, int Assignments, long CreditedMs, long RewardMicros, long TopUpMicros, long PayMicros, long? HourlyMicros, IReadOnlyList<LineJson> Lines);

    internal sealed record LineJson(
        Guid AssignmentId, Guid JobId, string Title, string End, DateTimeOffset ClaimedAt, DateTimeOffset EndedAt, long CreditedMs, long GrantedMs,
        long RewardMicros, long TopUpMicros, long PayMicros, long? HourlyMicros, NotCreditedJson NotCredited, ComputedFromJson ComputedFrom,
        string? PublicKey, string Receipt, byte[]? Salt);

    /// <summary>What time and pay were computed from, known to this worker alone.</summary>
    internal sealed record ComputedFromJson(
        long WallMs, long ActiveMs, long AskedMs, long AllowanceLeftMs, bool FirstOfJob, long LimitMs, long ReadingMs, long FloorMicrosPerHour);

    internal sealed record NotCreditedJson(long OverLimitMs, long SilenceMs, long UnderGraceMs, long OverAllowanceMs);

    /// <summary><c>/earnings</c>.</summary>
    internal async Task<IResult> Latest(HttpContext http, int page)
    {
        await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
        var shown = await Read(http.User.Id(), null, page, connection, http.RequestAborted);
        return http.Request.WantsJson()
            ? TypedResults.Ok(new Response(shown.BalanceMicros, shown.LastDays[0], shown.LastDays, shown.Allowance, shown.Payouts))
            : new View<EarningsPage>("/Earnings/Earnings.cshtml", shown, StatusCodes.Status200OK);
    }

    /// <summary><c>/payslips/{day}</c>; a day without work has an empty one.</summary>
    internal async Task<IResult> OfDay(HttpContext http, DateOnly day, int page)
    {
        await using var connection = await database.OpenConnectionAsync(http.RequestAborted);
        if (http.Request.WantsJson())
            return TypedResults.Ok(ToJson(await queries.PayslipOf(http.User.Id(), day, connection, http.RequestAborted)));

        return new View<EarningsPage>(
            "/Earnings/Earnings.cshtml", await Read(http.User.Id(), day, page, connection, http.RequestAborted), StatusCodes.Status200OK);
    }

    private async Task<EarningsPage> Read(Guid workerId, DateOnly? asked, int page, NpgsqlConnection connection, CancellationToken cancel)
    {
        var now = clock.Now();
        var today = queries.DayOf(now);
        var lastDays = await queries.SumsOf(workerId, [.. Enumerable.Range(0, Days).Select(back => today.AddDays(-back))], connection);
        var day = asked ?? lastDays.FirstOrDefault(d => d.Assignments > 0)?.Day ?? today;
        return new()
        {
            Asked = asked,
            PublicUntil = publication.LastStep(now),
            Publication = publication,
            WorkerId = workerId,
            Payslip = await queries.PayslipOf(workerId, day, connection, cancel),
            Page = Math.Max(1, page),
            BalanceMicros = await EarningsQueries.BalanceOf(workerId, connection),
            LastDays = lastDays,
            Allowance = await queries.AllowanceAt(workerId, now, connection, cancel),
            Uses = [.. await EarningsQueries.UsesSince(workerId, Allowance.CountsAfter(now), connection)],
            Payouts = [.. await EarningsQueries.PayoutsOf(workerId, connection)],
            Policy = await policies.InForce(cancel),
        };
    }

    private static PayslipJson ToJson(Payslip slip) => new(
        slip.Day, slip.Lines.Count, slip.Credited.Ms, slip.Reward.Micros, slip.TopUp.Micros, slip.Pay.Micros, slip.PerHour?.Micros, [.. slip.Lines.Select(ToJson)]);

    private static LineJson ToJson(PayslipLine line) => new(
        line.Assignment.AssignmentId, line.Assignment.JobId, line.Assignment.Title, line.Assignment.End, line.Assignment.ClaimedAt, line.Assignment.EndedAt,
        line.Credited.Ms, line.Credit.Granted.Ms, line.Reward.Micros, line.TopUp.Micros, line.Pay.Micros, line.PerHour?.Micros,
        new(line.Credit.OverLimit.Ms, line.Credit.Silence.Ms, line.Credit.UnderGrace.Ms, line.Credit.OverAllowance.Ms),
        new(
            line.Wall.Ms, line.Assignment.ActiveMs, line.Assignment.AskedMs, line.Assignment.AllowanceLeftMs, line.Assignment.FirstOfJob,
            line.Assignment.LimitMs, line.Assignment.ReadingMs, line.Floor.Micros),
        Proof.Hex(line.Assignment.EntryKey), Proof.ReceiptOf(line.Assignment.AssignmentId), line.Assignment.Salt);
}
