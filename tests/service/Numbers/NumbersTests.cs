using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Dapper;
using Marketplace.Payment;
using Marketplace.Requester;
using Marketplace.ServiceTests.Worker;
using Marketplace.Worker;

namespace Marketplace.ServiceTests.Numbers;

/// <summary>What an operator reads at <c>/metrics</c> moves with what happens, and back. Alone, because counters are the whole process's.</summary>
[Collection(nameof(Accounts.SameWorkTests))]
public sealed class NumbersTests
{
    private const string OldestUnpaid = "marketplace_worker_oldest_unpaid_end_seconds";

    [Fact]
    public async Task The_oldest_end_that_is_not_paid_grows_older_until_it_is_paid()
    {
        var port = FreePort();
        await using var worker = await RunningService.Start(
            "worker", WorkerService.Build, null, $"--Health:Port={port}", "--Assignments:SweepEvery=1.00:00:00", "--Assignments:ResendAfter=00:00:01");
        await worker.Broker.Publish(WorkerFixture.Policy(1).ToEvent());
        var job = WorkerFixture.AJob();
        await worker.Broker.Publish(job);
        await worker.Broker.Publish(WorkerFixture.Tasks(job));
        await worker.Broker.Publish(WorkerFixture.Funding(job, 10));
        Assert.Equal(0, (await Read(port))[OldestUnpaid]);

        using var person = worker.Worker(Guid.NewGuid());
        var before = await Read(port);
        Guid? claimed = null;
        await Wait.Eventually(
            async () =>
            {
                using var answer = await person.PostAsync($"/jobs/{job.JobId}/claims", null, TestContext.Current.CancellationToken);
                claimed = answer.IsSuccessStatusCode ? WorkerFixture.IdOf(await answer.Json()) : null;
                return claimed is not null;
            },
            "a task can be claimed");
        worker.Clock.Advance(TimeSpan.FromSeconds(40));
        (await person.PostAsync($"/assignments/{claimed}/return", null, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        Assert.Equal(1, (await Read(port))["marketplace_worker_claims_total"] - before.GetValueOrDefault("marketplace_worker_claims_total"));

        worker.Clock.Advance(TimeSpan.FromSeconds(90));
        var late = await Read(port);
        Assert.Equal((90, 1), (late[OldestUnpaid], late["marketplace_worker_unpaid_ends"]));
        await Wait.Eventually(async () => (await Read(port)).GetValueOrDefault("marketplace_worker_ends_sent_again_total") > before.GetValueOrDefault("marketplace_worker_ends_sent_again_total"), "the end is told again");

        await using (var connection = await worker.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
            await connection.ExecuteAsync("update assignment_end set entry_number = 1");
        var paid = await Read(port);
        Assert.Equal((0, 0), (paid[OldestUnpaid], paid["marketplace_worker_unpaid_ends"]));
    }

    [Fact]
    public async Task What_waits_in_the_outbox_and_in_queues_is_counted_and_what_waits_for_a_person_too()
    {
        var port = FreePort();
        await using var requester = await RunningService.Start("requester", RequesterService.Build, null, $"--Health:Port={port}");
        var quiet = await Read(port);
        Assert.Equal(0, quiet["marketplace_outbox_length"]);
        Assert.Equal((0, 0), (quiet["marketplace_queue_depth{queue=\"requester-job-funded_error\"}"], quiet["marketplace_queue_depth{queue=\"dead\"}"]));

        await using (var connection = await requester.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
            await connection.ExecuteAsync("insert into outbox (event, body, created_at) values ('NoSuchEvent', '{}', clock_timestamp() - interval '1 minute')");
        await requester.Broker.PublishRaw<JobRefused>("""{"jobId":"no id"}""");
        await requester.Broker.PublishTo(Marketplace.Platform.Topology.DeadQueue, "{}");
        await Wait.Eventually(
            async () =>
            {
                var now = await Read(port);
                return now["marketplace_outbox_length"] == 1 && now["marketplace_outbox_age_seconds"] is > 59 and < 120
                    && now["marketplace_queue_depth{queue=\"requester-job-refused_error\"}"] == 1 && now["marketplace_queue_depth{queue=\"dead\"}"] == 1;
            },
            "one event, one error and one dead message are counted");
    }

    [Fact]
    public async Task Payment_says_what_it_settled_and_that_no_escrow_fell_short()
    {
        var port = FreePort();
        await using var payment = await RunningService.Start("payment", PaymentService.Build, null, $"--Health:Port={port}");
        var numbers = await Read(port);
        Assert.Equal(0, numbers["marketplace_payment_shortfall_micros"]);
        Assert.True(numbers.ContainsKey("marketplace_queue_depth{queue=\"payment-task-completed\"}"));
    }

    [Fact]
    public async Task A_number_that_cannot_be_measured_is_left_out()
    {
        var port = FreePort();
        await using var payment = await RunningService.Start("payment", PaymentService.Build, null, $"--Health:Port={port}");
        await using (var connection = await payment.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken))
            await connection.ExecuteAsync("revoke select on account, outbox from payment_app");
        Assert.DoesNotContain("marketplace_payment_shortfall_micros", (await Read(port)).Keys);
    }

    /// <summary>Every number by its name, with the queue where it has one.</summary>
    private static async Task<Dictionary<string, double>> Read(int port)
    {
        using var http = new HttpClient();
        var numbers = new Dictionary<string, double>();
        foreach (var line in (await http.GetStringAsync($"http://127.0.0.1:{port}/metrics", TestContext.Current.CancellationToken)).Split('\n'))
        {
            if (!line.StartsWith("marketplace_", StringComparison.Ordinal))
                continue;
            var name = line[..line.IndexOfAny([' ', '{'])];
            var at = line.IndexOf("queue=\"", StringComparison.Ordinal);
            if (at >= 0)
                name += $"{{{line[at..(line.IndexOf('"', at + 7) + 1)]}}}";
            var rest = line[(line.Contains('}', StringComparison.Ordinal) ? line.LastIndexOf('}') + 1 : name.Length)..].Trim();
            numbers[name] = numbers.GetValueOrDefault(name) + double.Parse(rest.Split(' ')[0], CultureInfo.InvariantCulture);
        }

        return numbers;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
