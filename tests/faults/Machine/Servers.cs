using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Marketplace.Faults.Machine;

/// <summary>PostgreSQL and RabbitMQ: started, ended hard, and their disk filled, by the script beside this project.</summary>
internal sealed class Servers(string data, string checkout, IReadOnlyDictionary<string, string> ports)
{
    private readonly string _script = Path.Combine(checkout, "tests", "faults", "servers");

    internal int PostgresPort => int.Parse(ports["port_postgres"], CultureInfo.InvariantCulture);

    internal int BrokerPort => int.Parse(ports["port_rabbitmq"], CultureInfo.InvariantCulture);

    /// <summary>An administrator's address, past every proxy.</summary>
    internal Uri BrokerUri => new($"amqp://administrator:{Secret("rabbitmq-administrator")}@127.0.0.1:{BrokerPort}/");

    internal string Secret(string name) => File.ReadAllText(Path.Combine(data, "secrets", name)).Trim();

    /// <summary>A step of the script: <c>kill-postgres</c>, <c>start-postgres</c>, <c>kill-rabbitmq</c>, <c>start-rabbitmq</c>, <c>fill-disk MB</c>, <c>free-disk</c>.</summary>
    /// <returns>What it printed.</returns>
    internal async Task<string> Do(params string[] step)
    {
        var command = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var argument in (string[])[_script, .. step])
            command.ArgumentList.Add(argument);
        command.Environment["MARKETPLACE_FAULTS_DATA"] = data;
        using var process = Process.Start(command)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"tests/faults/servers {string.Join(' ', step)}: {await errors}{await output}");
    }

    internal Task WaitForPostgres(CancellationToken cancel) => Until(PostgresAnswers, cancel);

    internal Task WaitForBroker(CancellationToken cancel) => Until(BrokerAnswers, cancel);

    /// <inheritdoc cref="StartServer"/>
    internal Task<string> StartPostgres(CancellationToken cancel) => StartServer("postgres", PostgresAnswers, cancel);

    /// <inheritdoc cref="StartServer"/>
    internal Task<string> StartBroker(CancellationToken cancel) => StartServer("rabbitmq", BrokerAnswers, cancel);

    /// <summary>Starts a server; one that does not come up (a full disk under it) is ended and started again, as a system does, and its log is kept.</summary>
    /// <returns>What is worth knowing: that once was not enough.</returns>
    private async Task<string> StartServer(string name, Func<Task<bool>> answers, CancellationToken cancel)
    {
        for (var start = 1; ; start++)
        {
            await Do($"start-{name}");
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            patience.CancelAfter(TimeSpan.FromSeconds(60));
            try
            {
                await Until(answers, patience.Token);
                return start > 1 ? $"{name} was started {start} times" : "";
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                var log = Path.Combine(data, "logs", $"{name}.log");
                File.Copy(log, $"{log}.did-not-start-{DateTime.UtcNow:HHmmss}");
                await Do($"kill-{name}");
            }
        }
    }

    private static async Task Until(Func<Task<bool>> answers, CancellationToken cancel)
    {
        while (!await answers())
            await Task.Delay(200, cancel);
    }

    /// <summary>A server that is up asks for a password, or says that it is starting up: an error with SQLSTATE 57P03.</summary>
    private async Task<bool> PostgresAnswers()
    {
        byte[] hello = [0, 0, 0, 0, 0, 3, 0, 0, .. "user\0postgres\0\0"u8];
        hello[3] = (byte)hello.Length;
        var answer = await Exchange(PostgresPort, hello);
        return answer.Length > 0 && answer[0] == (byte)'R';
    }

    /// <summary>A broker that is up answers a client's hello with a method frame.</summary>
    private async Task<bool> BrokerAnswers() => await Exchange(BrokerPort, [.. "AMQP"u8, 0, 0, 9, 1]) is [1, ..];

    private static async Task<byte[]> Exchange(int port, byte[] hello)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), patience.Token);
            await socket.SendAsync(hello, patience.Token);
            var buffer = new byte[512];
            var count = await socket.ReceiveAsync(buffer, patience.Token);
            return buffer[..count];
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return [];
        }
    }
}
