using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace Marketplace.Platform;

/// <summary>
/// Statements of a transaction that nobody waits for one by one: they go to the database together and run in this order, each with parameters of its own.
/// Where one fails, those after it do not run and nothing can be committed any more.
/// </summary>
public sealed partial class RoundTrip(NpgsqlTransaction transaction)
{
    private static readonly ConcurrentDictionary<(string Statement, Type Values), PropertyInfo[]> Wanted = new();

    private static readonly Dictionary<Type, NpgsqlDbType> Types = new()
    {
        [typeof(Guid)] = NpgsqlDbType.Uuid,
        [typeof(string)] = NpgsqlDbType.Text,
        [typeof(long)] = NpgsqlDbType.Bigint,
        [typeof(int)] = NpgsqlDbType.Integer,
        [typeof(short)] = NpgsqlDbType.Smallint,
        [typeof(bool)] = NpgsqlDbType.Boolean,
        [typeof(DateTimeOffset)] = NpgsqlDbType.TimestampTz,
        [typeof(byte[])] = NpgsqlDbType.Bytea,
    };

    private readonly List<NpgsqlBatchCommand> statements = [];
    private bool isOver;

    /// <summary>The transaction that they are part of.</summary>
    public NpgsqlTransaction Transaction => transaction;

    /// <summary>Adds a statement. Each <c>@Name</c> in it is a property of <paramref name="values"/>; other properties are left alone.</summary>
    /// <exception cref="InvalidOperationException">A name has no value, or one of a type that is not in the table.</exception>
    public void Add(string statement, object values)
    {
        var command = new NpgsqlBatchCommand(statement);
        foreach (var property in Wanted.GetOrAdd((statement, values.GetType()), static key => Find(key.Statement, key.Values)))
            command.Parameters.Add(new NpgsqlParameter(property.Name, TypeOf(property.PropertyType)) { Value = property.GetValue(values) ?? DBNull.Value });
        statements.Add(command);
    }

    /// <summary>Runs what was added since the last time; the transaction goes on.</summary>
    /// <exception cref="InvalidOperationException">It was committed, or failed, before: PostgreSQL would run what comes alone, or answer a commit by rolling back.</exception>
    public async Task Execute(CancellationToken cancel)
    {
        if (isOver)
            throw new InvalidOperationException("This transaction is over.");
        if (statements.Count == 0)
            return;

        isOver = true;
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);
        foreach (var statement in statements)
            batch.BatchCommands.Add(statement);
        statements.Clear();
        await batch.ExecuteNonQueryAsync(cancel);
        isOver = false;
    }

    /// <summary>Runs what was added since the last time, and commits, in the same round trip.</summary>
    public async Task Commit(CancellationToken cancel)
    {
        statements.Add(new NpgsqlBatchCommand("commit"));
        await Execute(cancel);
        isOver = true;
    }

    private static PropertyInfo[] Find(string statement, Type values) =>
    [
        .. Parameter().Matches(statement).Select(m => m.Groups[1].Value).Distinct().Select(name => values.GetProperty(name)
            ?? throw new InvalidOperationException($"@{name} has no value in {values.Name}.")),
    ];

    // Said for each, because nothing can be told from a null: a statement would be prepared anew whenever one comes.
    private static NpgsqlDbType TypeOf(Type type)
    {
        if (Types.TryGetValue(Nullable.GetUnderlyingType(type) ?? type, out var scalar))
            return scalar;
        return type.GetElementType() is { } element
            ? NpgsqlDbType.Array | TypeOf(element)
            : throw new InvalidOperationException($"{type.Name} has no type in the database here.");
    }

    [GeneratedRegex(@"@([A-Z]\w*)")]
    private static partial Regex Parameter();
}
