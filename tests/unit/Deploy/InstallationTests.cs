using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.RegularExpressions;
using Marketplace.Platform;

namespace Marketplace.UnitTests.Deploy;

/// <summary>What the scripts in <c>deploy</c> make of an installation: who may do what on the broker, who can read a secret, and who can reach a port. Their own functions are run.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class InstallationTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("marketplace-deploy-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Each_service_may_write_its_own_events_and_read_its_own_queues_and_nothing_else()
    {
        var definitions = JsonDocument.Parse(await Run("broker_definitions")).RootElement;
        var permissions = definitions.GetProperty("permissions").EnumerateArray().ToDictionary(p => p.GetProperty("user").GetString()!);
        Assert.Equal(["administrator", "payment", "requester", "topology", "worker"], permissions.Keys.Order());
        Assert.All(definitions.GetProperty("users").EnumerateArray(), u => Assert.Equal(u.GetProperty("name").GetString() == "administrator" ? 1 : 0, u.GetProperty("tags").GetArrayLength()));
        Assert.Equal(5, definitions.GetProperty("users").EnumerateArray().Select(u => u.GetProperty("password_hash").GetString()).Distinct().Count());

        foreach (var service in new[] { EventRoutes.Requester, EventRoutes.Worker, EventRoutes.Payment })
            foreach (var route in EventRoutes.All)
            {
                var exchange = Topology.ExchangeName("", route.Event);
                Assert.Equal(route.From == service, May(permissions[service], "write", exchange));
                Assert.False(May(permissions[service], "read", exchange));
                foreach (var reader in route.To)
                    foreach (var queue in new[] { Topology.QueueName("", reader, route.Event), Topology.QueueName("", reader, route.Event) + "_error" })
                        foreach (var right in new[] { "configure", "write", "read" })
                            Assert.Equal((service, queue, right, reader == service), (service, queue, right, May(permissions[service], right, queue)));
                Assert.False(May(permissions[service], "read", Topology.DeadQueue));
                Assert.False(May(permissions[service], "configure", Topology.DeadQueue));
            }
    }

    [Fact]
    public async Task Secrets_can_be_read_by_their_owner_alone()
    {
        await Run("make_keys; secret postgres-worker_app; service_settings payment a:1 b:2 /keys | keep_secret payment.env; broker_definitions | keep_secret definitions.json");
        var files = Directory.GetFiles(Path.Combine(_data, "secrets"));
        Assert.True(files.Length > 6);
        Assert.All(files, file => Assert.Equal((file, UnixFileMode.UserRead | UnixFileMode.UserWrite), (file, File.GetUnixFileMode(file))));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(_data, "secrets")));
    }

    [Fact]
    public async Task Whatever_is_started_listens_on_this_machine_alone()
    {
        // Started means written down here: what a process would have been told.
        var told = await Run("""
            start_process() { printf '%s\n' "$*"; env | grep -E '^(Urls|Health__)' || true; }
            server_user() { id -un; }
            port_postgres=1 port_rabbitmq=2 port_erlang=3 port_epmd=4 port_gateway=5 port_gateway_health=6
            mkdir -p "$data/postgres" && touch "$data/postgres/PG_VERSION" "$data/secrets/definitions.json" "$data/secrets/gateway.env"
            start_postgres; start_rabbitmq; cat "$data/rabbitmq/rabbitmq.conf"; start_service gateway
            """);
        Assert.Contains("listen_addresses=127.0.0.1", told, StringComparison.Ordinal);
        Assert.Contains("listeners.tcp.1 = 127.0.0.1:2", told, StringComparison.Ordinal);
        Assert.Contains("ERL_EPMD_ADDRESS=127.0.0.1", told, StringComparison.Ordinal);
        Assert.Contains("inet_dist_use_interface {127,0,0,1}", told, StringComparison.Ordinal);
        Assert.Contains("Urls=http://127.0.0.1:5", told, StringComparison.Ordinal);
        Assert.Contains("Health__Port=6", told, StringComparison.Ordinal);
        Assert.DoesNotContain("Health__Host", told, StringComparison.Ordinal);
        Assert.DoesNotContain("0.0.0.0", told, StringComparison.Ordinal);

        var published = await File.ReadAllLinesAsync(Repository.PathOf("docker-compose.yml"), TestContext.Current.CancellationToken);
        Assert.All(published.Where(l => l.TrimStart().StartsWith("ports:", StringComparison.Ordinal)), l => Assert.Contains("[\"127.0.0.1:", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Services_reach_the_database_through_its_socket_where_it_answers_there_and_over_loopback_where_it_does_not()
    {
        var told = await Run("""
            port_postgres=5999
            pg_isready() { [ "$3" = "$data/sockets" ]; }
            postgres_for_services; service_settings worker "$(postgres_for_services)" b:2 /keys | grep -o 'Host=[^;]*;Port=[^;]*' | head -n 1
            pg_isready() { return 2; }
            postgres_for_services
            pg_isready() { return 0; }
            data=$data/$(printf 'x%.0s' {1..80}) && postgres_for_services
            data='/a,b' && postgres_for_services
            """);
        Assert.Equal(
            [$"{_data}/sockets:5999", $"Host={_data}/sockets;Port=5999", "127.0.0.1:5999", "127.0.0.1:5999", "127.0.0.1:5999"],
            told.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task The_step_of_publication_is_one_for_all_services_and_stays_until_another_is_set()
    {
        var told = await Run("""
            unset Publication__Every
            services() {
                for name in payment requester worker; do write_settings "$name" a:1 b:2; done
                (grep -hc Publication "$data"/secrets/*.env || true) | paste -sd ' '
                say_publication_step
            }
            services
            Publication__Every=00:00:30 services
            services
            Publication__Every=00:10:00 services
            Publication__Every=00:00:00 services
            Publication__Every= services
            """);
        Assert.Equal(
            [
                "0 0 0", "What is public moves every 5 minutes here.",
                "1 1 1", "What is public moves every 30 seconds here.",
                "1 1 1", "What is public moves every 30 seconds here.",
                "1 1 1", "What is public moves every 10 minutes here.",
                "1 1 1", "What is public moves at once here, which tells who did what: for measuring, not for people.",
                "0 0 0", "What is public moves every 5 minutes here.",
            ],
            told.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Installations_that_start_at_once_choose_different_ports()
    {
        var ports = await Task.WhenAll(Enumerable.Range(1, 3).Select(n => Run($$"""
            data=$MARKETPLACE_DATA/{{n}}
            mkdir "$data"
            choose_ports 19300 one two three
            cat "$data/ports"
            touch "$MARKETPLACE_DATA/chosen-{{n}}"
            for look in {1..600}; do
                [ ! -e "$MARKETPLACE_DATA/chosen-1" ] || [ ! -e "$MARKETPLACE_DATA/chosen-2" ] || [ ! -e "$MARKETPLACE_DATA/chosen-3" ] || break
                sleep 0.05
            done
            """)));
        var chosen = ports.SelectMany(p => p.Split('\n', StringSplitOptions.RemoveEmptyEntries)).Select(line => line.Split('=')[1]).ToList();
        Assert.Equal(9, chosen.Count);
        Assert.Equal(9, chosen.Distinct().Count());
    }

    private static bool May(JsonElement permission, string right, string name) => Regex.IsMatch(name, permission.GetProperty(right).GetString()!);

    /// <summary>Runs lines of bash after the scripts' own parts, with a data folder of this test's; what they print.</summary>
    private async Task<string> Run(string lines)
    {
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["MARKETPLACE_DATA"] = _data;
        using var bash = Process.Start(start)!;
        await bash.StandardInput.WriteAsync($$"""
            set -euo pipefail
            for part in progress data processes packages secrets servers services; do . '{{Repository.PathOf("deploy", "parts")}}'/$part.sh; done
            data=$MARKETPLACE_DATA
            install -d -m 0700 "$data/secrets" "$data/logs" "$data/processes"
            {{lines}}

            """);
        bash.StandardInput.Close();
        var (told, failed) = (bash.StandardOutput.ReadToEndAsync(), bash.StandardError.ReadToEndAsync());
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(bash.ExitCode == 0, await failed + await told);
        return await told;
    }
}
