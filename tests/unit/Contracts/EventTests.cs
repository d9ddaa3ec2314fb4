using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Marketplace.UnitTests.Contracts;

public sealed partial class EventTests
{
    private static readonly JsonSerializerOptions Wire = new(JsonSerializerDefaults.Web);

    private static readonly Type[] NoEvents = [typeof(EventRoute), typeof(JobTemplate)];

    public static IEnumerable<TheoryDataRow<string>> Events =>
        EventRoutes.All.Select(route => new TheoryDataRow<string>(route.Event.Name));

    [Fact]
    public void Every_event_has_exactly_one_route()
    {
        var events = typeof(EventRoutes).Assembly.GetExportedTypes()
            .Where(type => type is { IsClass: true, IsSealed: true, IsAbstract: false } && type.GetMethod("<Clone>$") is not null)
            .Except(NoEvents);

        Assert.Equal(events.Select(type => type.Name).Order(), EventRoutes.All.Select(route => route.Event.Name).Order());
    }

    [Fact]
    public void Routes_go_from_one_service_to_others()
    {
        string[] services = [EventRoutes.Requester, EventRoutes.Worker, EventRoutes.Payment];
        Assert.All(EventRoutes.All, route =>
        {
            Assert.Contains(route.From, services);
            Assert.NotEmpty(route.To);
            Assert.Subset(services.Except([route.From]).ToHashSet(), route.To.ToHashSet());
        });
    }

    [Theory, MemberData(nameof(Events))]
    public void An_event_says_who_sends_it_who_listens_and_its_key(string name)
    {
        var route = Route(name);
        var summary = SummaryOf(name);

        Assert.Matches($"^{route.From} → {string.Join(", ", route.To)}:", summary.ToLowerInvariant());
        Assert.Contains("Key: ", summary, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Events))]
    public void An_event_survives_the_wire(string name)
    {
        var type = Route(name).Event;
        var sent = JsonSerializer.Serialize(EventSample.Of(type), type, Wire);

        Assert.Equal(sent, JsonSerializer.Serialize(JsonSerializer.Deserialize(sent, type, Wire), type, Wire));
        Assert.DoesNotContain(type.GetProperties(), property => JsonNode.Parse(sent)![JsonNamingPolicy.CamelCase.ConvertName(property.Name)] is null);
    }

    [Theory, MemberData(nameof(Events))]
    public void A_field_that_a_later_version_adds_is_ignored_and_a_missing_one_is_an_error(string name)
    {
        var type = Route(name).Event;
        var sent = JsonSerializer.SerializeToNode(EventSample.Of(type), type, Wire)!.AsObject();

        sent["addedLater"] = "new";
        Assert.NotNull(sent.Deserialize(type, Wire));

        sent.Remove(JsonNamingPolicy.CamelCase.ConvertName(type.GetProperties().First(p => p.IsDefined(typeof(RequiredMemberAttribute), inherit: false)).Name));
        Assert.Throws<JsonException>(() => sent.Deserialize(type, Wire));
    }

    [Fact]
    public void An_end_travels_by_its_name()
    {
        Assert.Equal(
            ["\"submitted\"", "\"returned\"", "\"expired\"", "\"broken\""],
            Enum.GetValues<AssignmentEnd>().Select(end => JsonSerializer.Serialize(end, Wire)));
    }

    private static EventRoute Route(string name) => EventRoutes.All.Single(route => route.Event.Name == name);

    private static string SummaryOf(string name)
    {
        var source = File.ReadAllText(Repository.PathOf("shared", "Contracts", $"{name}.cs"));
        var comment = SummaryAbove().Match(source);
        Assert.True(comment.Success && source.Contains($"public sealed record {name}", StringComparison.Ordinal));
        return Whitespace().Replace(comment.Groups[1].Value.Replace("///", "", StringComparison.Ordinal), " ").Trim();
    }

    [GeneratedRegex("<summary>(.*?)</summary>", RegexOptions.Singleline)]
    private static partial Regex SummaryAbove();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();
}

/// <summary>An event with something in every field.</summary>
internal static class EventSample
{
    internal static object Of(Type type)
    {
        var sample = System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(type);
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite))
            property.SetValue(sample, Value(property.PropertyType));
        return sample;
    }

    private static object Value(Type type) => type switch
    {
        _ when Nullable.GetUnderlyingType(type) is { } inner => Value(inner),
        _ when type == typeof(Guid) => Guid.Parse("0198b1c2-0000-7000-8000-0123456789ab"),
        _ when type == typeof(string) => "ä\"<&\u2028",
        _ when type == typeof(int) => int.MaxValue,
        _ when type == typeof(long) => long.MaxValue,
        _ when type == typeof(bool) => true,
        _ when type == typeof(DateTimeOffset) => new DateTimeOffset(2026, 11, 19, 9, 0, 0, 123, TimeSpan.Zero),
        _ when type == typeof(byte[]) => Enumerable.Range(0, 32).Select(n => (byte)n).ToArray(),
        _ when type == typeof(JsonElement) => JsonElement.Parse("""{"label":"Smooth and free","n":[1,null]}"""),
        _ when type.IsEnum => Enum.GetValues(type).GetValue(0)!,
        _ when type.IsArray => Filled(type.GetElementType()!),
        _ => Of(type),
    };

    private static Array Filled(Type element)
    {
        var array = Array.CreateInstance(element, 2);
        array.SetValue(Value(element), 0);
        array.SetValue(Value(element), 1);
        return array;
    }
}
