using System.Text;
using Marketplace.Requester.Tasks;

namespace Marketplace.UnitTests.Requester;

public sealed class ImageTests
{
    [Theory]
    [InlineData("89504e470d0a1a0a0000000d49484452", "image/png")]
    [InlineData("ffd8ffe000104a464946", "image/jpeg")]
    [InlineData("474946383961", "image/gif")]
    [InlineData("524946460000000057454250", "image/webp")]
    [InlineData("3c737667", null)]
    [InlineData("424d", null)]
    public void A_picture_is_known_by_its_first_bytes(string start, string? type) =>
        Assert.Equal(type, Image.TypeOf([.. Convert.FromHexString(start), .. new byte[40]]));

    [Fact]
    public void A_page_that_pretends_to_be_a_picture_is_none() =>
        Assert.Null(Image.TypeOf(Encoding.ASCII.GetBytes("<html><script>alert(1)</script></html>            ")));

    [Theory]
    [InlineData("photo.jpg", true)]
    [InlineData("photos/mill st/014.jpg", true)]
    [InlineData("../photo.jpg", false)]
    [InlineData("photos/../../photo.jpg", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("C:photo.jpg", false)]
    [InlineData("photos\\photo.jpg", false)]
    [InlineData("photos//photo.jpg", false)]
    [InlineData("photo\n.jpg", false)]
    [InlineData("", false)]
    public void A_name_in_a_zip_leads_nowhere_else(string name, bool isName) => Assert.Equal(isName, Image.IsName(name));

    [Fact]
    public void The_folder_that_was_zipped_is_left_out()
    {
        Assert.Equal("photos/", Image.CommonFolder(["photos/a.jpg", "photos/b/c.jpg"]));
        Assert.Equal("", Image.CommonFolder(["photos/a.jpg", "b.jpg"]));
        Assert.Equal("", Image.CommonFolder(["a.jpg"]));
        Assert.Equal("", Image.CommonFolder([]));
        Assert.True(Image.IsLitter("__MACOSX/a.jpg") && Image.IsLitter("photos/.DS_Store") && !Image.IsLitter("photos/a.jpg"));
    }
}
