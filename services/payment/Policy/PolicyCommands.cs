using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Contracts;
using Marketplace.Payment.Ledger;
using Marketplace.PayRule;
using Marketplace.Platform;
using Npgsql;

namespace Marketplace.Payment.Policy;

/// <summary>
/// The payment program's command line: <c>show-policy</c> prints the policies, <c>adopt-policy [--file policy.json] [--name value …]</c>
/// adopts the next. Names are those of the <c>pay-policy-adopted</c> event; what is not named stays as it is. The other settings
/// (<c>--ConnectionStrings:App=…</c>) are those of the service. Running services hear of it through its outbox.
/// </summary>
internal static class PolicyCommands
{
    internal const string Adopt = "adopt-policy";
    internal const string Show = "show-policy";

    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    internal static bool Know(string[] args) => args.Length > 0 && args[0] is Adopt or Show;

    /// <returns>The exit code: 0 done, 2 something named is wrong and nothing was changed.</returns>
    internal static async Task<int> Run(string[] args, IServiceProvider services, TextWriter output, TextWriter errors, CancellationToken cancel)
    {
        var database = services.GetRequiredService<NpgsqlDataSource>();
        var configuration = services.GetRequiredService<IConfiguration>();
        await Database.Migrate(
            configuration.GetConnectionString("Owner")!, Assembly.GetExecutingAssembly(), services.GetRequiredService<ILogger<PayPolicy>>(), cancel);

        if (args[0] == Show)
        {
            await using var connection = await database.OpenConnectionAsync(cancel);
            foreach (var policy in await PolicyQueries.All(connection))
                await output.WriteLineAsync(JsonSerializer.Serialize(policy.ToEvent(), Readable));
            return 0;
        }

        try
        {
            var changes = await Changes(args[1..], cancel);
            var (adopted, wrong) = await AdoptPolicy.Handle(
                basis => Apply(changes, basis),
                database,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<LedgerCurrency>(),
                cancel);
            foreach (var parameter in wrong)
                await errors.WriteLineAsync($"{parameter.Parameter} accepts {parameter.Accepted}");
            if (adopted is null)
                return 2;

            await output.WriteLineAsync(JsonSerializer.Serialize(adopted.ToEvent(), Readable));
            return 0;
        }
        catch (Exception e) when (e is JsonException or FormatException or IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync(e.Message);
            return 2;
        }
    }

    private static async Task<JsonObject> Changes(string[] args, CancellationToken cancel)
    {
        var changes = new JsonObject();
        for (var i = 0; i < args.Length; i++)
        {
            // A setting of the service (--Section:Name=value) is read elsewhere.
            if (!args[i].StartsWith("--", StringComparison.Ordinal) || args[i].Contains('='))
                continue;
            if (i + 1 == args.Length)
                throw new FormatException($"{args[i]} needs a value.");

            var (name, value) = (args[i][2..], args[++i]);
            if (name == "file")
                foreach (var (member, given) in JsonNode.Parse(await File.ReadAllTextAsync(value, cancel)) as JsonObject ?? throw new FormatException($"{value} holds no JSON object."))
                    changes[member] = given?.DeepClone();
            else
                changes[name] = long.TryParse(value, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : JsonValue.Create(value);
        }

        return changes;
    }

    /// <exception cref="FormatException">A name that no policy has, or the version, which is given and not chosen.</exception>
    private static PayPolicy Apply(JsonObject changes, PayPolicy basis)
    {
        var policy = JsonSerializer.SerializeToNode(basis.ToEvent(), WireJson.Options)!.AsObject();
        foreach (var (name, value) in changes)
        {
            if (!policy.ContainsKey(name) || name == "version")
                throw new FormatException($"A policy has no '{name}' to set. It has: {string.Join(", ", policy.Select(p => p.Key).Where(k => k != "version"))}.");
            policy[name] = value?.DeepClone();
        }

        return PayPolicy.From(policy.Deserialize<PayPolicyAdopted>(WireJson.Options)!);
    }
}
