using System.Diagnostics;
using System.Security.Cryptography;
using Dapper;
using Marketplace.Platform;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Testcontainers.PostgreSql;
using Testcontainers.RabbitMq;

[assembly: AssemblyFixture(typeof(Marketplace.ServiceTests.Environment))]

namespace Marketplace.ServiceTests;

/// <summary>
/// The real servers that the tests run against, once for all of them: those that the environment variables <c>MARKETPLACE_TEST_POSTGRES</c>
/// (a superuser's connection string) and <c>MARKETPLACE_TEST_RABBITMQ</c> (an AMQP address) name, else containers of the images that
/// <c>POSTGRES_IMAGE</c> and <c>RABBITMQ_IMAGE</c> name, as for docker-compose.yml. Every service gets a migrated template database
/// here; each class of tests a clone of it.
/// </summary>
public sealed class Environment : IAsyncLifetime
{
    private const string PostgresVariable = "MARKETPLACE_TEST_POSTGRES";
    private const string RabbitMqVariable = "MARKETPLACE_TEST_RABBITMQ";
    private static readonly string Run = Guid.NewGuid().ToString("n")[..8];

    private readonly SemaphoreSlim _templates = new(1, 1);
    private readonly List<string> _databases = [];
    private readonly List<IAsyncDisposable> _containers = [];
    private string _superuser = "";
    private int _clones;

    /// <summary>The one of this run.</summary>
    internal static Environment Current { get; private set; } = null!;

    /// <summary>The marketplace that <c>MARKETPLACE_TEST_ADDRESS</c> names, for journeys through one that already runs; nothing is started then.</summary>
    internal static Uri? Elsewhere { get; } = System.Environment.GetEnvironmentVariable("MARKETPLACE_TEST_ADDRESS") is { Length: > 0 } address ? new Uri(address) : null;

    internal Uri RabbitMq { get; private set; } = null!;

    /// <summary>The issuers' keys, private and public, made for this run.</summary>
    internal string KeyFolder { get; } = Directory.CreateTempSubdirectory("marketplace-keys-").FullName;

    public async ValueTask InitializeAsync()
    {
        Current = this;
        if (Elsewhere is not null)
            return;
        await FindServers();
        await MakeRoles();
        foreach (var issuer in new[] { SignIn.Worker, SignIn.Requester })
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            await File.WriteAllTextAsync(Path.Combine(KeyFolder, $"{issuer}.pem"), key.ExportPkcs8PrivateKeyPem());
            await File.WriteAllTextAsync(Path.Combine(KeyFolder, $"{issuer}.pub.pem"), key.ExportSubjectPublicKeyInfoPem());
        }
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_databases.Count > 0)
        {
            await using var server = new NpgsqlConnection(_superuser);
            foreach (var database in Enumerable.Reverse(_databases))
                await server.ExecuteAsync($"drop database if exists {database} with (force)");
        }

        Directory.Delete(KeyFolder, recursive: true);
        foreach (var container in _containers)
            await container.DisposeAsync();
    }

    /// <summary>A database of a service's own, with all migrations and nothing in it. Returns its name.</summary>
    internal async Task<string> CloneDatabase(string service, System.Reflection.Assembly assembly)
    {
        var template = $"test_{Run}_{service}";
        await _templates.WaitAsync();
        try
        {
            await using var server = new NpgsqlConnection(_superuser);
            if (!_databases.Contains(template))
            {
                await server.ExecuteAsync($"create database {template} owner {service}_owner");
                _databases.Add(template);
                await Database.Migrate(Owner(service, template) + ";Pooling=false", assembly, NullLogger.Instance, CancellationToken.None);
            }

            var clone = $"{template}_{++_clones}";
            await server.ExecuteAsync($"create database {clone} template {template} owner {service}_owner");
            _databases.Add(clone);
            return clone;
        }
        finally
        {
            _templates.Release();
        }
    }

    internal string App(string service, string database) => Login($"{service}_app", database);

    internal string Owner(string service, string database) => Login($"{service}_owner", database);

    private string Login(string role, string database) =>
        new NpgsqlConnectionStringBuilder(_superuser) { Username = role, Password = role, Database = database, MaxPoolSize = 20 }.ConnectionString;

    private async Task FindServers()
    {
        var postgres = System.Environment.GetEnvironmentVariable(PostgresVariable);
        var rabbitMq = System.Environment.GetEnvironmentVariable(RabbitMqVariable);
        if ((postgres is null || rabbitMq is null) && !HasContainerEngine())
            throw new InvalidOperationException(
                $"The service tests need PostgreSQL and RabbitMQ: set {PostgresVariable} and {RabbitMqVariable}, start a container engine, or run deploy/test, which sets up both.");

        if (postgres is null)
        {
            var container = new PostgreSqlBuilder(Image("POSTGRES_IMAGE", "postgres:15"))
                .WithUsername("postgres").WithPassword("postgres").WithCommand("-c", "max_connections=300").Build();
            _containers.Add(container);
            await container.StartAsync();
            postgres = container.GetConnectionString();
        }

        if (rabbitMq is null)
        {
            var container = new RabbitMqBuilder(Image("RABBITMQ_IMAGE", "rabbitmq:3.13")).Build();
            _containers.Add(container);
            await container.StartAsync();
            rabbitMq = container.GetConnectionString();
        }

        (_superuser, RabbitMq) = (postgres, new Uri(rabbitMq));
    }

    private static string Image(string variable, string usual) =>
        System.Environment.GetEnvironmentVariable(variable) is { Length: > 0 } image ? image : usual;

    private async Task MakeRoles()
    {
        await using var server = new NpgsqlConnection(_superuser);
        await server.OpenAsync();
        await using var transaction = await server.BeginTransactionAsync();
        await server.ExecuteAsync("select pg_advisory_xact_lock(7265018)", null, transaction);
        foreach (var role in from service in new[] { "requester", "worker", "payment" } from login in new[] { "owner", "app" } select $"{service}_{login}")
            if (!await server.ExecuteScalarAsync<bool>("select exists (select 1 from pg_roles where rolname = @role)", new { role }, transaction))
                await server.ExecuteAsync($"create role {role} login password '{role}'", null, transaction);
        await transaction.CommitAsync();
    }

    private static bool HasContainerEngine()
    {
        try
        {
            using var docker = Process.Start(new ProcessStartInfo("docker", "version") { RedirectStandardOutput = true, RedirectStandardError = true });
            return docker is not null && docker.WaitForExit(TimeSpan.FromSeconds(10)) && docker.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
