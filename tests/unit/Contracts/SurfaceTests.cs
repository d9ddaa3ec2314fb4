namespace Marketplace.UnitTests.Contracts;

public sealed class SurfaceTests
{
    /// <summary>
    /// Fields are added, never renamed or retyped: other programs read these events. After an intended change run the tests with
    /// <c>ACCEPT_SURFACE=1</c> and commit the file.
    /// </summary>
    [Fact]
    public void The_contracts_are_what_was_agreed()
    {
        var file = Repository.PathOf("tests", "unit", "Contracts", "surface.txt");
        var now = PublicSurface.Of(typeof(EventRoutes).Assembly);
        if (Environment.GetEnvironmentVariable("ACCEPT_SURFACE") == "1")
            File.WriteAllText(file, now);

        Assert.Equal(File.ReadAllText(file), now, ignoreLineEndingDifferences: true);
    }
}
