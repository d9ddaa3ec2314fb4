using Marketplace.Payment;
using Marketplace.Requester;
using Marketplace.Worker;
using Npgsql;

namespace Marketplace.ServiceTests.Schema;

/// <summary>
/// What all migrations together make of each database stands in one file, so that it can be read, and so that a review sees what a migration
/// changes. After an intended change run this with <c>ACCEPT_SCHEMA=1</c> and commit the files.
/// </summary>
public sealed class SchemaTests
{
    private const string Head = "-- The whole schema, as the migrations beside this file make it. Written by a test (SchemaTests), run by nothing.\n\n";

    [Theory]
    [InlineData("requester")]
    [InlineData("worker")]
    [InlineData("payment")]
    public async Task The_migrations_make_the_schema_that_can_be_read(string service)
    {
        var assembly = service switch
        {
            "requester" => typeof(RequesterService).Assembly,
            "worker" => typeof(WorkerService).Assembly,
            _ => typeof(PaymentService).Assembly,
        };
        await using var database = NpgsqlDataSource.Create(Environment.Current.Owner(service, await Environment.Current.CloneDatabase(service, assembly)));
        var now = Head + await SchemaText.Of(database);

        var file = Path.Combine(Checkout(), "services", service, "Schema", "schema.sql");
        if (System.Environment.GetEnvironmentVariable("ACCEPT_SCHEMA") == "1")
            await File.WriteAllTextAsync(file, now, TestContext.Current.CancellationToken);
        Assert.Equal(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), now, ignoreLineEndingDifferences: true);
    }

    private static string Checkout()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Marketplace.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"No Marketplace.sln above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }
}
