using System.Text.Json;

namespace Marketplace.Auditor.Verify;

/// <summary>What the auditor saw last: the log's key and checkpoint. A history that was rewritten since does not continue it.</summary>
internal sealed record StateStore
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public required string Key { get; init; }
    public required string Checkpoint { get; init; }
    public required DateTimeOffset At { get; init; }

    internal static StateStore? Load(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize<StateStore>(File.ReadAllText(path), Indented) : null;

    internal void Save(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var aside = path + ".part";
        File.WriteAllText(aside, JsonSerializer.Serialize(this, Indented));
        File.Move(aside, path, overwrite: true);
    }
}
