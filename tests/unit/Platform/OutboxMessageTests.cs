using System.Text.Json;
using Marketplace.Platform;

namespace Marketplace.UnitTests.Platform;

/// <summary>Which events share a message, and that each is still itself in it.</summary>
public sealed class OutboxMessageTests
{
    [Fact]
    public void Small_events_of_a_kind_share_messages_and_others_go_alone()
    {
        OutboxRow[] rows = [.. Enumerable.Range(1, 9).Select(n => Row(n, n % 3 == 0 ? new JobClosed { JobId = Guid.Empty } : Funded(n)))];
        Assert.Equal([[1, 2, 4, 5], [7, 8], [3], [6], [9]], OutboxMessage.Together(rows, 4).Select(together => together.Select(r => r.OutboxId).ToArray()));
    }

    [Fact]
    public void What_is_long_goes_alone()
    {
        OutboxRow[] rows = [.. Enumerable.Range(1, 4).Select(n => Row(n, Funded(n)))];
        rows[1] = rows[1] with { Body = rows[1].Body.PadRight(1_000_000) };
        Assert.Equal([[1], [2], [3, 4]], OutboxMessage.Together(rows, 25).Select(together => together.Select(r => r.OutboxId).ToArray()));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    public void One_that_cannot_be_read_is_said_to_be_so(string body)
    {
        Assert.Throws<JsonException>(() => OutboxMessage.Of([Row(1, Funded(1)), Row(2, Funded(2)) with { Body = body }]));
        Assert.Throws<JsonException>(() => OutboxMessage.Of([Row(2, Funded(2)) with { Body = body }]));
    }

    [Fact]
    public void An_event_alone_travels_as_itself_and_several_with_what_each_continues()
    {
        var (one, type) = OutboxMessage.Of([Row(1, Funded(1))]);
        Assert.Equal((Funded(1), typeof(JobFunded)), (one, type));

        var (several, typeOfSeveral) = OutboxMessage.Of([Row(1, Funded(1)), Row(2, Funded(2))]);
        var events = Assert.IsType<Events<JobFunded>>(several);
        Assert.Equal(typeof(Events<JobFunded>), typeOfSeveral);
        Assert.Equal([Funded(1), Funded(2)], events.All);
        Assert.Equal(["parent 1", "parent 2"], events.Parents);
    }

    private static JobFunded Funded(long funded) => new() { JobId = Guid.Empty, Funded = funded, WorstMicros = 300_000, PolicyVersion = 1 };

    private static OutboxRow Row(long id, object occurred) => new()
    {
        OutboxId = id,
        Event = occurred.GetType().Name,
        Body = JsonSerializer.Serialize(occurred, occurred.GetType(), WireJson.Options),
        Traceparent = $"parent {id}",
    };
}
