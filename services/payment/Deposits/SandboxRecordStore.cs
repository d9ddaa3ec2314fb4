using System.Text.Json;
using System.Text.Json.Serialization;

namespace Marketplace.Payment.Deposits;

/// <summary>
/// What the sandbox rail did, apart from our database: a file of JSON lines (the setting <c>Sandbox:Record</c>), a line for each change, shared
/// by all copies of the service that have the file. Without the setting it is kept in memory, for tests and trials.
/// </summary>
internal sealed class SandboxRecordStore(string? path, TimeProvider clock)
{
    private static readonly JsonSerializerOptions Line = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly Lock _turn = new();
    private readonly Dictionary<string, RailMovement> _movements = [];
    private long _read;

    /// <summary>Changes the movement of this name to what <paramref name="next"/> makes of it (null: there is none yet) now, and returns that.</summary>
    internal RailMovement Move(string name, Func<RailMovement?, DateTimeOffset, RailMovement> next)
    {
        lock (_turn)
        {
            using var file = path is null ? null : Open(path);
            CatchUp(file);
            var before = _movements.GetValueOrDefault(name);
            var after = next(before, clock.GetUtcNow());
            if (after != before)
                Append(name, after, file);
            return after;
        }
    }

    /// <summary>Every movement as it stands now.</summary>
    /// <exception cref="InvalidOperationException">Nothing outlives this process.</exception>
    internal IReadOnlyCollection<RailMovement> All()
    {
        if (path is null)
            throw new InvalidOperationException("The sandbox keeps no record: set Sandbox:Record to the file that it shall keep it in.");
        lock (_turn)
        {
            using var file = Open(path);
            CatchUp(file);
            return [.. _movements.Values];
        }
    }

    private void Append(string name, RailMovement movement, FileStream? file)
    {
        if (file is not null)
        {
            file.Position = _read;
            file.Write([.. JsonSerializer.SerializeToUtf8Bytes(movement, Line), (byte)'\n']);
            file.Flush(flushToDisk: true);
            _read = file.Position;
        }

        _movements[name] = movement;
    }

    /// <summary>Reads what other copies wrote since. A last line without its end was cut off by a crash: it was not done, and is written over.</summary>
    private void CatchUp(FileStream? file)
    {
        if (file is null || file.Length == _read)
            return;

        file.Position = _read;
        var bytes = new byte[file.Length - _read];
        file.ReadExactly(bytes);
        var rest = bytes.AsSpan();
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            var movement = JsonSerializer.Deserialize<RailMovement>(rest[..end], Line)!;
            _movements[movement.Reference ?? movement.PayoutId.ToString()!] = movement;
            rest = rest[(end + 1)..];
        }

        _read = file.Length - rest.Length;
        file.SetLength(_read);
    }

    /// <summary>The file for us alone: copies of the service take turns.</summary>
    private static FileStream Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (attempt < 1000 && File.Exists(path))
            {
                Thread.Sleep(5);
            }
        }
    }
}
