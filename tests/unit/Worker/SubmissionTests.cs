using System.Text.Json;
using Marketplace.Worker.Assignments;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Marketplace.UnitTests.Worker;

public sealed class SubmissionTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("40", 40_000)]
    [InlineData("1.5", 1_500)]
    [InlineData("1,5", 1_500)]
    [InlineData("79228162514264337593543950335", 604_800_000)]
    public void Asked_time_is_in_seconds_on_a_form(string asked, long ms)
    {
        var read = Submission.Read(Form(("label", "yes"), ("asked", asked)));
        Assert.Null(read.Wrong);
        Assert.Equal(new Duration(ms), read.Asked);
        Assert.Equal(new Answer { Label = "yes" }, read.Answer);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("a while")]
    [InlineData("1e9")]
    [InlineData("79228162514264337593543950336")]
    public void Asked_time_that_cannot_be_is_named(string asked) =>
        Assert.Equal("asked", Submission.Read(Form(("label", "yes"), ("asked", asked))).Wrong?.Field);

    [Theory]
    [InlineData("""{"answer":{"label":"yes"}}""", 0, false)]
    [InlineData("""{"answer":{"label":"yes"},"askedMs":40000,"stop":true}""", 40_000, true)]
    [InlineData("""{"answer":{"label":"yes"},"askedMs":null}""", 0, false)]
    [InlineData("""{"answer":{"label":"yes"},"askedMs":9223372036854775807}""", 604_800_000, false)]
    public void Programs_send_milliseconds(string json, long ms, bool stop)
    {
        var read = Submission.Read(JsonElement.Parse(json));
        Assert.Null(read.Wrong);
        Assert.Equal((new Duration(ms), stop), (read.Asked, read.Stop));
    }

    [Theory]
    [InlineData("""{"askedMs":-1}""")]
    [InlineData("""{"askedMs":1.5}""")]
    [InlineData("""{"askedMs":"40"}""")]
    [InlineData("[]")]
    [InlineData("7")]
    public void JSON_that_cannot_be_is_named(string json) => Assert.NotNull(Submission.Read(JsonElement.Parse(json)).Wrong);

    private static FormCollection Form(params (string Name, string Value)[] fields) =>
        new(fields.ToDictionary(field => field.Name, field => new StringValues(field.Value)));
}
