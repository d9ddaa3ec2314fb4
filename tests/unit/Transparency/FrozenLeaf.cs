namespace Marketplace.UnitTests.Transparency;

/// <summary>Leaves whose bytes never change, as files: of version 1 in <c>leaves/</c>, of version 2 in <c>leaves-2/</c>.</summary>
internal static class FrozenLeaf
{
    /// <summary>A leaf and its hash, in hex.</summary>
    internal static (string Leaf, string Hash) Read(string folder, string name) =>
        File.ReadAllText(Repository.PathOf("tests", "unit", "Transparency", folder, name + ".hex")).Split("\n\n") is [var leaf, var hash]
            ? (leaf.Replace("\n", "", StringComparison.Ordinal), hash.Trim())
            : throw new InvalidOperationException($"{name}.hex is not a leaf and its hash.");

    internal static byte[] Bytes(string folder, string name) => Convert.FromHexString(Read(folder, name).Leaf);
}
