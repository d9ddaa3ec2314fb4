using System.Text.Json.Serialization;
using Dapper;
using Marketplace.Payment.Ledger;
using Marketplace.Payment.Transparency;
using Marketplace.Platform;
using Marketplace.Ui;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Npgsql;

namespace Marketplace.Payment.Payouts;

/// <summary>A worker's payouts with the state of each, newest first. It names bank accounts, so it asks for a sign-in as fresh as cashing out.</summary>
[Authorize(Policy = Platform.SignIn.FreshWorkerPolicy)]
internal sealed class ShowPayouts(CashDesk desk, Witnesses witnesses, Publication publication, Installation installation) : PageModel
{
    private const int OnAPage = 25;

    public long BalanceMicros { get; private set; }

    public IReadOnlyList<Line> Lines { get; private set; } = [];

    public Guid? OlderBefore { get; private set; }

    /// <summary>The payout that was just issued.</summary>
    public Line? Issued { get; private set; }

    public async Task<IActionResult> OnGetAsync(Guid? before, Guid? issued, CancellationToken cancel)
    {
        await using var connection = await desk.Database.OpenConnectionAsync(cancel);
        var size = await PublicationQueries.Size(connection, cancel);
        var mine = new { Worker = User.Id(), Currency = desk.Currency.Code, Before = before, Take = OnAPage + 1, Size = size };
        BalanceMicros = await connection.QueryFirstOrDefaultAsync<long>(
            new CommandDefinition(PayoutQueries.SelectBalance, mine, cancellationToken: cancel));
        var lines = (await connection.QueryAsync<Line>(new CommandDefinition(SelectPayouts, mine, cancellationToken: cancel))).ToList();
        if (lines.Exists(l => l.IsHeld))
            lines = [.. await WithWhatTheyWaitFor(connection, lines, cancel)];
        Lines = [.. lines.Take(OnAPage)];
        OlderBefore = lines.Count > OnAPage ? Lines[^1].PayoutId : null;
        Issued = Lines.FirstOrDefault(l => l.PayoutId == issued);
        return Request.WantsJson()
            ? new JsonResult(new { currency = desk.Currency.Code, balanceMicros = BalanceMicros, payouts = Lines, olderBefore = OlderBefore })
            : Page();
    }

    private async Task<IEnumerable<Line>> WithWhatTheyWaitFor(NpgsqlConnection connection, List<Line> lines, CancellationToken cancel)
    {
        if (await ReconcilePayouts.WhyOnHold(connection, cancel) is { } reason)
            return lines.Select(l => !l.IsHeld ? l : l with
            {
                IsOnHold = true,
                Why = $"All payouts are on hold: {reason.TrimEnd('.')}. It leaves when they are released.",
            });

        var states = witnesses.AreAsked ? await CheckpointQueries.States(connection, witnesses, cancel) : [];
        return lines.Select(l => !l.IsHeld ? l
            : l.IssuedEntry is null ? l with
            {
                WaitsForPublication = true,
                Why = "It leaves as soon as its entry is public. " + RefuseUnpublished.Detail(publication, desk.Clock, installation),
            }
            : !witnesses.AreAsked ? l
            : l with
            {
                WaitsForWitnesses = true,
                Why = FormattableString.Invariant(
                    $"It leaves when {witnesses.Quorum} of {states.Count} witnesses have signed the ledger with it. So far {states.Count(s => s.Size >= l.BookedAs)} did."),
            });
    }

    /// <summary>A payout as its owner sees it.</summary>
    internal sealed record Line
    {
        public required Guid PayoutId { get; init; }
        public required string Rail { get; init; }
        public required string Destination { get; init; }
        public required long AmountMicros { get; init; }
        public required DateTimeOffset IssuedAt { get; init; }

        /// <summary>The public number of the entry that issued it; null while that is not public.</summary>
        public required long? IssuedEntry { get; init; }

        /// <summary>The same entry by the order of commit, which is shown to nobody.</summary>
        [JsonIgnore]
        public long BookedAs { get; init; }

        /// <summary>issued, settled, failed or returned.</summary>
        public required string State { get; init; }
        public required DateTimeOffset StateAt { get; init; }

        /// <summary>The public number of its last step's entry; null while that is not public.</summary>
        public required long? StateEntry { get; init; }
        public required string? Why { get; init; }

        /// <summary>Not given to its rail yet, because its entry is not public.</summary>
        public bool WaitsForPublication { get; init; }

        /// <summary>Not given to its rail yet, because too few witnesses have signed a checkpoint that covers it.</summary>
        public bool WaitsForWitnesses { get; init; }

        /// <summary>Not given to its rail yet, because no payout goes out for now.</summary>
        public bool IsOnHold { get; init; }

        [JsonIgnore]
        public bool IsHeld { get; init; }

        internal string Words => State switch
        {
            "issued" when IsOnHold => "Waits: payouts are on hold",
            "issued" when WaitsForPublication => "Waits to be public",
            "issued" when WaitsForWitnesses => "Waits for witnesses",
            "issued" => "On its way",
            "settled" => "Arrived",
            "failed" => "Did not leave, back on your balance",
            "returned" => "Came back, on your balance again",
            _ => State,
        };
    }

    // The page first, by index payout_worker; then for its lines alone what became of them, by primary keys.
    private const string SelectPayouts = """
        select p.payout_id, p.rail, p.destination, p.amount_micros, p.issued_at, i.entry_number as booked_as,
          f.number as issued_entry, s.state, s.at as state_at, e.number as state_entry, s.why, coalesce(not o.released, false) as is_held
        from (
          select payout_id, rail, destination, amount_micros, issued_at
          from payout
          where worker_id = @Worker
            and (@Before::uuid is null or (issued_at, payout_id) < (select issued_at, payout_id from payout where payout_id = @Before and worker_id = @Worker))
          order by issued_at desc, payout_id desc
          limit @Take) p
        left join payout_open o on o.payout_id = p.payout_id
        join payout_step i on i.payout_id = p.payout_id and i.rank = 1
        join lateral (
          select state, at, entry_number, why
          from payout_step
          where payout_id = p.payout_id
          order by rank desc
          limit 1) s on true
        left join public_entry f on f.entry_number = i.entry_number and f.number <= @Size
        left join public_entry e on e.entry_number = s.entry_number and e.number <= @Size
        order by p.issued_at desc, p.payout_id desc
        """;
}
