using System.Security.Claims;
using Dapper;
using Marketplace.Platform;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;

namespace Marketplace.Requester.Deposits;

/// <summary>What a requester has on deposit: all that was ever credited, less all that was ever set aside for jobs.</summary>
internal static class GetDeposit
{
    internal sealed record Response
    {
        public required long CreditedTotalMicros { get; init; }
        public required long SpentTotalMicros { get; init; }
        public long AvailableMicros => CreditedTotalMicros - SpentTotalMicros;
    }

    internal static async Task<Ok<Response>> Handle(ClaimsPrincipal user, NpgsqlDataSource database, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var deposit = await connection.QuerySingleOrDefaultAsync<Response>(new CommandDefinition(
            SelectDeposit, new { Requester = user.Id() }, cancellationToken: cancel));
        return TypedResults.Ok(deposit ?? new() { CreditedTotalMicros = 0, SpentTotalMicros = 0 });
    }

    private const string SelectDeposit = """
        select credited_total_micros, spent_total_micros
        from deposit
        where requester_id = @Requester
        """;
}
