using Marketplace.Payment.Transparency;

namespace Marketplace.UnitTests.Transparency;

public sealed class TilePathTests
{
    [Theory]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 1234067, 256, "tile/0/x001/x234/067")]
    [InlineData(2, 5, 17, "tile/2/005.p/17")]
    [InlineData(TilePath.Entries, 1000, 1, "tile/entries/x001/000.p/1")]
    public void A_tile_has_one_address_and_an_address_one_tile(int level, long index, int width, string path)
    {
        Assert.Equal(path, new TilePath(level, index, width).ToString());
        Assert.Equal(new TilePath(level, index, width), TilePath.Parse(path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("tile/0")]
    [InlineData("tile/0/0")]
    [InlineData("tile/6/000")]
    [InlineData("tile/00/000")]
    [InlineData("tile/0/x000/001")]
    [InlineData("tile/0/001/002")]
    [InlineData("tile/0/000.p/256")]
    [InlineData("tile/0/000.p/0")]
    [InlineData("tile/0/000.p/05")]
    [InlineData("tile/0/-01")]
    [InlineData("tile/entries/000/")]
    [InlineData("tile/0/x999/x999/x999/x999/x999/x999/999")]
    public void What_is_not_written_exactly_so_names_no_tile(string path) => Assert.Null(TilePath.Parse(path));
}
