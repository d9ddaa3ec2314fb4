using Dapper;
using Npgsql;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// The public numbers of the entries that a filter wants, newest first, one more than asked where there are more. Pages go on from a
/// number, so that entries that become public meanwhile move nothing; every way down is along an index.
/// </summary>
internal static class FindEntries
{
    private const int MostJobs = 50;

    /// <summary>What was found, or why "job or account" leads nowhere.</summary>
    internal sealed record Found(IReadOnlyList<long> Numbers, string? Why = null)
    {
        internal static readonly Found None = new([]);
    }

    internal static async Task<Found> Handle(
        NpgsqlConnection connection, EntryFilter filter, int take, TimeZoneInfo zone, CancellationToken cancel)
    {
        var before = Math.Min(filter.Before ?? long.MaxValue, 1 + await PublicationQueries.Size(connection, cancel));
        if (filter.Until is { } day)
            before = Math.Min(before, 1 + await LastNumber(connection, EndOf(day, zone), cancel));

        if (filter.Of is null)
            return new Found(await Numbers(connection, filter.Kind is null ? SelectAll : OfKind(filter.Kind), before, filter.Kind, take, cancel));

        var places = (await connection.QueryAsync<Place>(Command(
            SelectPlaces, new { Before = before, Text = filter.Of, Id = Guid.TryParse(filter.Of, out var id) ? id : (Guid?)null, MostJobs }, cancel))).ToList();
        var jobs = places.Where(p => p.JobId is not null).Select(p => p.JobId!.Value).Distinct().ToArray();
        if (jobs.Length > MostJobs)
            return new Found([], $"More than {MostJobs} jobs have this in their title. Write more of the title.");

        var accounts = places.Where(p => p.AccountId is not null && IsMoved(p.Kind!, filter.Kind)).ToList();
        var kinds = await KindsOfWorkers(connection, filter, cancel);
        if (places.Count == 0 && kinds.Count == 0)
            return new Found([], "No job and no account has this name.");

        var numbers = new List<long>();
        if (jobs.Length > 0)
            numbers.AddRange(await Numbers(connection, IsRareInAJob(filter.Kind) ? SelectRareOfJobs : SelectOfJobs, before, filter.Kind, take, cancel, jobs));
        if (Ids(accounts.Where(p => !IsOfAll(p.Kind!))) is { Length: > 0 } own)
            numbers.AddRange(await Numbers(connection, SelectOfAccounts, before, filter.Kind, take, cancel, accounts: own));
        foreach (var place in accounts.Where(p => IsOfAll(p.Kind!)))
        {
            foreach (var kind in AccountName.MovedBy(place.Kind!).Where(k => filter.Kind is null || filter.Kind == k))
                numbers.AddRange(await Numbers(
                    connection, IsRareInAJob(kind) ? SelectRareOfAccounts : SelectPayOfAccounts, before, kind, take, cancel, accounts: [place.AccountId!.Value]));
        }

        foreach (var kind in kinds)
            numbers.AddRange(await Numbers(connection, OfKind(kind), before, kind, take, cancel));
        return new Found([.. numbers.Distinct().OrderDescending().Take(take + 1)]);
    }

    private static long[] Ids(IEnumerable<Place> places) => [.. places.Select(p => p.AccountId!.Value)];

    // All workers share one account, of which every pay is part: its entries are found by their kinds.
    private static async Task<IReadOnlyList<string>> KindsOfWorkers(NpgsqlConnection connection, EntryFilter filter, CancellationToken cancel)
    {
        string[] kinds = [AccountKind.Payable, AccountKind.InTransit];
        foreach (var kind in kinds)
        {
            var name = await connection.QueryFirstOrDefaultAsync<string>(Command(SelectPublicName, new { Kind = kind }, cancel));
            if (name is not null && (Same(filter.Of, name) || Same(filter.Of, AccountName.Group(kind, name))))
                return [.. AccountName.MovedBy(kind).Where(k => filter.Kind is null || filter.Kind == k)];
        }

        return [];
    }

    private static string OfKind(string kind) => kind == EntryKind.AssignmentPaid ? SelectSettled : SelectOfRareKind;

    private static bool Same(string? typed, string name) => string.Equals(typed, name, StringComparison.OrdinalIgnoreCase);

    private static bool IsMoved(string accountKind, string? kind) => kind is null || AccountName.MovedBy(accountKind).Contains(kind);

    private static bool IsRareInAJob(string? kind) => kind is not (null or EntryKind.AssignmentPaid);

    // Accounts that nearly every entry of their kinds moves, so that they are found along those; of any other, all entries are gone through.
    private static bool IsOfAll(string accountKind) => accountKind is AccountKind.Bank or AccountKind.Fees or AccountKind.Commons;

    private static DateTimeOffset EndOf(DateOnly day, TimeZoneInfo zone)
    {
        var midnight = day.AddDays(1).ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(midnight))
            midnight = midnight.AddMinutes(30);
        // Of entries the hour is public: where a zone's day ends within one, that hour stands on the day in which it began.
        var end = new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)).ToUniversalTime();
        return end.AddTicks((TimeSpan.TicksPerHour - end.UtcTicks % TimeSpan.TicksPerHour) % TimeSpan.TicksPerHour);
    }

    private static async Task<long> LastNumber(NpgsqlConnection connection, DateTimeOffset end, CancellationToken cancel) =>
        await connection.QueryFirstOrDefaultAsync<long?>(Command(SelectLast, new { End = end }, cancel)) ?? 0;

    private static async Task<List<long>> Numbers(
        NpgsqlConnection connection, string sql, long before, string? kind, int take, CancellationToken cancel, Guid[]? jobs = null, long[]? accounts = null) =>
        [.. await connection.QueryAsync<long>(Command(sql, new { Before = before, Kind = kind, Take = take + 1, Jobs = jobs, Accounts = accounts }, cancel))];

    private static CommandDefinition Command(string sql, object values, CancellationToken cancel) => new(sql, values, cancellationToken: cancel);

    private sealed record Place
    {
        public Guid? JobId { get; init; }
        public long? AccountId { get; init; }
        public string? Kind { get; init; }
    }

    private const string SelectAll = """
        select number
        from public_entry
        where number < @Before
        order by number desc
        limit @Take
        """;

    // Nearly all entries are of this kind, so the primary key leads there.
    private const string SelectSettled = """
        select number
        from public_entry
        where kind = 'assignment-paid' and number < @Before
        order by number desc
        limit @Take
        """;

    // Index public_entry_rare_kind, which a statement with a parameter can only use if it says itself that the kind is a rare one.
    private const string SelectOfRareKind = """
        select number
        from public_entry
        where kind = @Kind and kind <> 'assignment-paid' and number < @Before
        order by number desc
        limit @Take
        """;

    // Index public_entry_of_job, once for each job.
    private const string SelectOfJobs = """
        select n.number
        from unnest(@Jobs) as wanted(job_id)
        cross join lateral (
          select e.number
          from public_entry e
          where e.job_id = wanted.job_id and e.number < @Before and (@Kind::text is null or e.kind = @Kind)
          order by e.number desc
          limit @Take) n
        order by n.number desc
        limit @Take
        """;

    // Index public_entry_rare_of_job: of these kinds a job has few entries, while it may have a million others.
    private const string SelectRareOfJobs = """
        select number
        from public_entry
        where kind = @Kind and kind <> 'assignment-paid' and job_id = any(@Jobs) and number < @Before
        order by number desc
        limit @Take
        """;

    // Index posting_account downwards, once for each account, as far as the page reaches by commit, and to the beginning of that entry's batch:
    // before it nothing has a larger public number.
    private const string SelectOfAccounts = """
        select n.number
        from unnest(@Accounts) as wanted (account_id)
        cross join lateral (
          select e.number
          from posting p
          join public_entry e on e.entry_number = p.entry_number
          where p.account_id = wanted.account_id and e.number < @Before and (@Kind::text is null or e.kind = @Kind)
            and p.entry_number > coalesce((
              select coalesce(f.batch, f.number - 1)
              from posting q
              join public_entry f on f.entry_number = q.entry_number
              where q.account_id = wanted.account_id and f.number < @Before and (@Kind::text is null or f.kind = @Kind)
              order by q.entry_number desc
              offset @Take
              limit 1), 0)
          order by e.number desc
          limit @Take) n
        order by n.number desc
        limit @Take
        """;

    // Index public_entry_rare_kind, then posting's primary key.
    private const string SelectRareOfAccounts = """
        select number
        from public_entry e
        where kind = @Kind and kind <> 'assignment-paid' and number < @Before
          and exists (select from posting p where p.entry_number = e.entry_number and p.account_id = any(@Accounts))
        order by number desc
        limit @Take
        """;

    // The primary key, then posting's: fee and levy are part of nearly every pay.
    private const string SelectPayOfAccounts = """
        select number
        from public_entry e
        where kind = @Kind and number < @Before
          and exists (select from posting p where p.entry_number = e.entry_number and p.account_id = any(@Accounts))
        order by number desc
        limit @Take
        """;

    // Index entry_at. Batches end with the hour, so that the number is the public one too.
    private const string SelectLast = """
        select number
        from entry
        where at < @End
        order by at desc, number desc
        limit 1
        """;

    private const string SelectPublicName = """
        select public_name
        from account
        where kind = @Kind
        limit 1
        """;

    // A job by its id, its escrow's name or a part of its title; an account by its name or a requester's id. Only what has a public entry is there.
    private const string SelectPlaces = """
        (select job_id, null::bigint as account_id, null::text as kind
         from job
         where (job_id = @Id or strpos(lower(title), lower(@Text)) > 0)
           and exists (select from public_entry e where e.job_id = job.job_id and e.number < @Before)
         order by posted_at desc
         limit @MostJobs + 1)
        union all
        select job_id, case when kind = 'escrow' then null else account_id end, kind
        from account a
        where name = @Text and worker_id is null
          and exists (
            select from posting p join public_entry e using (entry_number) where p.account_id = a.account_id and e.number < @Before)
        union all
        select null, account_id, kind
        from account a
        where kind = 'deposit' and requester_id = @Id
          and exists (
            select from posting p join public_entry e using (entry_number) where p.account_id = a.account_id and e.number < @Before)
        union all
        select null, account_id, kind
        from account
        where kind in ('bank', 'commons', 'fees', 'solidarity', 'shortfall')
          and lower(@Text) = case kind
            when 'bank' then 'bank, ' || split_part(public_name, ':', 3)
            when 'commons' then 'commons'
            when 'fees' then 'cooperative fees'
            when 'solidarity' then 'solidarity: juries'
            else 'shortfall' end
        """;
}
