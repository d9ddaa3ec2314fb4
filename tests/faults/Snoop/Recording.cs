using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Marketplace.Faults.Snoop;

/// <summary>
/// Everything that three lookers-on saw, each with their own clock (Unix ms): a stranger, a worker account, a requester. Of what they
/// look at again and again only changes are kept. Beside it the truth, which the people told themselves, and which no looker-on has.
/// </summary>
internal sealed record Recording
{
    internal required Setting Setting { get; init; }
    internal required IReadOnlyList<SeenEntry> Entries { get; init; }
    internal required IReadOnlyList<Move> Moves { get; init; }
    internal required IReadOnlyList<SeenAnswer> Answers { get; init; }
    internal required IReadOnlyList<Mark> Marks { get; init; }

    /// <summary>Whose an entry is, by its commitment.</summary>
    internal required IReadOnlyDictionary<string, Owner> Truth { get; init; }

    /// <summary>As lines of JSON, compressed.</summary>
    internal void Save(string file)
    {
        using var text = new StreamWriter(new GZipStream(File.Create(file), CompressionLevel.SmallestSize), new UTF8Encoding(false));
        void Write(string of, object what) => text.WriteLine($"{of} {JsonSerializer.Serialize(what, what.GetType(), Line.Options)}");
        Write("setting", Setting);
        foreach (var entry in Entries)
            Write("entry", entry);
        foreach (var move in Moves)
            Write("move", move);
        foreach (var answer in Answers)
            Write("answer", answer);
        foreach (var mark in Marks)
            Write("mark", mark);
        foreach (var (commitment, owner) in Truth.OrderBy(t => t.Key, StringComparer.Ordinal))
            Write("truth", new Told(commitment, owner.Person, owner.Turn));
    }

    internal static Recording Load(string file)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress), Encoding.UTF8);
        var lines = new List<(string Of, string Json)>();
        while (text.ReadLine() is { } line)
            lines.Add((line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        IReadOnlyList<T> All<T>(string of) => [.. lines.Where(l => l.Of == of)
            .Select(l => JsonSerializer.Deserialize<T>(l.Json, Line.Options)!)];
        return new()
        {
            Setting = All<Setting>("setting")[0],
            Entries = All<SeenEntry>("entry"),
            Moves = All<Move>("move"),
            Answers = All<SeenAnswer>("answer"),
            Marks = All<Mark>("mark"),
            Truth = All<Told>("truth").ToDictionary(t => t.Commitment, t => new Owner(t.Person, t.Turn)),
        };
    }

    private sealed record Told(string Commitment, int Person, int Turn);

    private static class Line
    {
        internal static readonly JsonSerializerOptions Options =
            new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault };
    }
}

/// <summary>What the lookers-on know of themselves and of the marketplace.</summary>
/// <param name="EveryMs">The step of publication, as the pages say it; 0: at once.</param>
/// <param name="OwnJob">The job of the requester who looks on, on which others work.</param>
/// <param name="OtherJob">A job of another requester.</param>
/// <param name="ClockJob">The own job that an own worker answers.</param>
/// <param name="Requester">The account of the requester who looks on.</param>
internal sealed record Setting(long EveryMs, Guid OwnJob, Guid OtherJob, Guid ClockJob, Guid Requester);

/// <summary>A public entry, when it was first seen, and by which way.</summary>
internal sealed record SeenEntry
{
    public required long T { get; init; }
    public required string By { get; init; }
    public required long Number { get; init; }
    public required string Kind { get; init; }
    public Guid? Job { get; init; }
    public string? Key { get; init; }
    public string? Commitment { get; init; }
    public long AmountMicros { get; init; }

    /// <summary>Of a deposit: whose.</summary>
    public Guid? Requester { get; init; }
    public SeenPay? Pay { get; init; }
}

/// <summary>What a pay entry says; nulls where that version of the leaf does not.</summary>
internal sealed record SeenPay(
    string End, long CreditedMs, long PayMicros, long FeeMicros, long LevyMicros, long? AllowanceLeftMs, long? ActiveMs, long? UnseenMs,
        bool? FirstOfJob)
{
    internal long ChargedMicros => PayMicros + FeeMicros + LevyMicros;
}

/// <summary>A number that became another one.</summary>
internal sealed record Move(long T, string What, long From, long To);

/// <summary>An answer in the own job, when it was first seen.</summary>
internal sealed record SeenAnswer(long T, Guid Id, int Task, Guid Person, long At);

/// <summary>An own deed, for a clock: when it was done, and by what its entry is known.</summary>
/// <param name="T">The middle of request and response.</param>
/// <param name="AmountMicros">Of an own deposit.</param>
/// <param name="Commitment">Of an own answer.</param>
/// <param name="Number">Of the entry, where the response told it.</param>
internal sealed record Mark(long T, long? AmountMicros, string? Commitment, long? Number);

/// <summary>Who a pay entry is of: the person, and their how-manieth end it is.</summary>
internal sealed record Owner(int Person, int Turn);
