using System.Text.Json;
using Marketplace.Worker.Assignments;

namespace Marketplace.UnitTests.Worker;

public sealed class AnswerTests
{
    private static readonly JobTemplate Choice = new() { Kind = JobTemplate.Choice, Question = "Which?", Labels = ["yes", "no"] };
    private static readonly JobTemplate Text = new() { Kind = JobTemplate.Text, Question = "What?", Labels = [] };

    [Fact]
    public void A_choice_takes_one_of_its_labels_and_names_them_otherwise()
    {
        Assert.Equal("""{"label":"yes"}""", Answer.Check(new Answer { Label = "yes", Text = "ignored" }, Choice).Accepted!.ToJson());

        Assert.All([null, new Answer(), new Answer { Label = "YES" }, new Answer { Text = "yes" }], given =>
        {
            var decision = Answer.Check(given, Choice);
            Assert.Null(decision.Accepted);
            Assert.Equal(("label", "Choose one of: yes, no."), (decision.Field, decision.Message));
        });
    }

    [Fact]
    public void A_text_is_the_same_answer_whichever_way_it_came()
    {
        Assert.Equal(
            Answer.Check(new Answer { Text = "two\nlines" }, Text).Accepted,
            Answer.Check(new Answer { Text = " two\r\nlines\r\n" }, Text).Accepted);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    [InlineData(null)]
    [InlineData("null \0 character")]
    public void Nothing_is_no_text(string? text) => Assert.Null(Answer.Check(new Answer { Text = text }, Text).Accepted);

    [Fact]
    public void A_text_weighs_at_most_a_megabyte_in_UTF_8()
    {
        Assert.NotNull(Answer.Check(new Answer { Text = new string('a', Answer.MostBytes) }, Text).Accepted);
        Assert.Null(Answer.Check(new Answer { Text = new string('ä', (Answer.MostBytes / 2) + 1) }, Text).Accepted);
    }

    [Theory]
    [InlineData("""{"label":"yes"}""", "yes", null)]
    [InlineData("""{"text":"words","other":1}""", null, "words")]
    [InlineData("""{"label":7}""", null, null)]
    [InlineData("{}", null, null)]
    public void JSON_is_read_by_field(string json, string? label, string? text) =>
        Assert.Equal(new Answer { Label = label, Text = text }, Answer.Read(json));

    [Theory]
    [InlineData("[]")]
    [InlineData("\"yes\"")]
    [InlineData("null")]
    public void What_is_no_object_is_no_answer(string json) => Assert.Null(Answer.Read(JsonElement.Parse(json)));
}
