using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Marketplace.UnitTests.Tidy;

/// <summary>A file of the repository: its path from the root, with slashes, and its text.</summary>
internal sealed class SourceFile(string path, string text)
{
    private SyntaxNode? syntax;

    internal string Path { get; } = path;

    internal string Text { get; } = text;

    internal string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    internal string[] Lines => Text.TrimEnd('\n').Split('\n');

    /// <summary>The parsed C# of a .cs file.</summary>
    internal SyntaxNode Syntax => syntax ??= CSharpSyntaxTree.ParseText(Text).GetRoot();

    internal bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    internal bool Under(params string[] folders) => folders.Any(folder => Path.StartsWith(folder + "/", StringComparison.Ordinal));
}

/// <summary>What the tidy rules look at: the real repository, or a few files made to break a rule.</summary>
internal sealed class SourceTree(IReadOnlyList<SourceFile> files)
{
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", "artifacts", "TestResults", "packages"];

    private static readonly string[] Binary = [".png", ".jpg", ".gif", ".webp", ".ico", ".zip", ".woff2", ".gz"];

    internal IReadOnlyList<SourceFile> Files { get; } = files;

    internal IEnumerable<SourceFile> CSharp => Files.Where(file => file.IsCSharp);

    internal IEnumerable<SourceFile> WithEnding(params string[] endings) =>
        Files.Where(file => endings.Any(ending => file.Path.EndsWith(ending, StringComparison.Ordinal)));

    /// <summary>All text files of the checkout but what builds and runs leave behind.</summary>
    internal static SourceTree Read(string root)
    {
        var paths = new List<string>();
        Collect(new DirectoryInfo(root), paths);
        return new SourceTree([.. paths.Order(StringComparer.Ordinal).Select(path =>
            new SourceFile(System.IO.Path.GetRelativePath(root, path).Replace('\\', '/'), File.ReadAllText(path)))]);
    }

    private static void Collect(DirectoryInfo folder, List<string> paths)
    {
        paths.AddRange(folder.EnumerateFiles()
            .Where(file => !Binary.Contains(file.Extension) && file.Name != ".git")
            .Select(file => file.FullName));
        foreach (var inner in folder.EnumerateDirectories())
        {
            var hidden = inner.Name.StartsWith('.') && inner.Name != ".ci";
            if (!hidden && !NotOurs.Contains(inner.Name))
                Collect(inner, paths);
        }
    }
}
