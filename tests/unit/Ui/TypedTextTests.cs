using System.Text.Encodings.Web;
using Marketplace.Ui;

namespace Marketplace.UnitTests.Ui;

public sealed class TypedTextTests
{
    [Fact]
    public void An_empty_line_ends_a_paragraph_and_another_end_of_line_stays_one()
    {
        var paragraphs = TypedText.Paragraphs("\r\nLook at the beak.\r\nThen at the tail.\r\n \r\n\r\nChoose <one>.\r\n");

        Assert.Equal(["Look at the beak.\nThen at the tail.", "Choose <one>."], paragraphs);
        Assert.Equal(["Look at the beak.<br>Then at the tail.", "Choose &lt;one&gt;."], paragraphs.Select(Html));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n\n ")]
    public void Nothing_typed_is_no_paragraph(string text) => Assert.Empty(TypedText.Paragraphs(text));

    private static string Html(string paragraph)
    {
        using var written = new StringWriter();
        TypedText.Lines(paragraph).WriteTo(written, HtmlEncoder.Default);
        return written.ToString();
    }
}
