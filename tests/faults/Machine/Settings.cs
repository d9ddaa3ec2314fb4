namespace Marketplace.Faults.Machine;

/// <summary>What deploy/faults wrote down for us: ports, and the settings of each copy of a service, as lines <c>NAME='value'</c>.</summary>
internal static class Settings
{
    internal static IReadOnlyDictionary<string, string> Read(string file) =>
        File.ReadLines(file)
            .Select(line => line.Split('=', 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1].Trim('\''), StringComparer.Ordinal);
}
