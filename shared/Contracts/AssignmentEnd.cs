using System.Text.Json.Serialization;

namespace Marketplace.Contracts;

/// <summary>How an assignment ended. On the wire and in databases: the name in lower case.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AssignmentEnd>))]
public enum AssignmentEnd
{
    [JsonStringEnumMemberName("submitted")]
    Submitted = 1,

    [JsonStringEnumMemberName("returned")]
    Returned = 2,

    [JsonStringEnumMemberName("expired")]
    Expired = 3,

    [JsonStringEnumMemberName("broken")]
    Broken = 4,
}
