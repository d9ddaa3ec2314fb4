using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Marketplace.Payment.Deposits;

/// <summary>
/// What the sandbox rail did, apart from our database: a file of JSON lines (the setting <c>Sandbox:Record</c>), a line for each change, shared
/// by all copies of the service that have the file. Without the setting it is kept in memory, for tests and trials.
/// </summary>
internal sealed class SandboxRecordStore(string? path, TimeProvider clock) : IDisposable
{
    private static readonly JsonSerializerOptions Line = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private static readonly TimeSpan OthersTurnAtMost = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Dictionary<string, RailMovement> _movements = [];
    private long _read;

    /// <summary>Changes the movement of this name to what <paramref name="next"/> makes of it (null: there is none yet) now.</summary>
    /// <returns>What <paramref name="tell"/> says of the movement as it stands then.</returns>
    internal Task<T> Move<T>(
        string name, Func<RailMovement?, DateTimeOffset, RailMovement> next, Func<RailMovement, T> tell, CancellationToken cancel) => InTurn(
        async file =>
        {
            var before = _movements.GetValueOrDefault(name);
            var after = next(before, clock.GetUtcNow());
            if (after != before)
                await Append(name, after, file);
            return tell(after);
        },
        cancel);

    /// <summary>Every movement from an instant on, as it stands now.</summary>
    /// <exception cref="InvalidOperationException">Nothing outlives this process.</exception>
    internal Task<IReadOnlyCollection<RailMovement>> Since(DateTimeOffset since, CancellationToken cancel) => path is null
        ? throw new InvalidOperationException("The sandbox keeps no record: set Sandbox:Record to the file that it shall keep it in.")
        : InTurn(_ => Task.FromResult<IReadOnlyCollection<RailMovement>>([.. _movements.Values.Where(m => m.At >= since)]), cancel);

    /// <summary>One at a time: here by the semaphore, among copies of the service by who has the file open. All that others wrote is known then.</summary>
    private async Task<T> InTurn<T>(Func<FileStream?, Task<T>> work, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            await using var file = path is null ? null : await Open(path, cancel);
            await CatchUp(file, cancel);
            return await work(file);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What has begun to be written is written to its end: nobody may break it off.</summary>
    private async Task Append(string name, RailMovement movement, FileStream? file)
    {
        if (file is not null)
        {
            file.Position = _read;
            await file.WriteAsync((byte[])[.. JsonSerializer.SerializeToUtf8Bytes(movement, Line), (byte)'\n'], CancellationToken.None);
            file.Flush(flushToDisk: true);
            _read = file.Position;
        }

        _movements[name] = movement;
    }

    /// <summary>Reads what other copies wrote since. A last line without its end was cut off by a crash: it was not done, and is written over.</summary>
    private async Task CatchUp(FileStream? file, CancellationToken cancel)
    {
        if (file is null || file.Length == _read)
            return;

        file.Position = _read;
        var bytes = new byte[file.Length - _read];
        await file.ReadExactlyAsync(bytes, cancel);
        var rest = bytes.AsMemory();
        while (rest.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            var movement = JsonSerializer.Deserialize<RailMovement>(rest.Span[..end], Line)!;
            _movements[movement.Reference ?? movement.PayoutId.ToString()!] = movement;
            rest = rest[(end + 1)..];
        }

        _read = file.Length - rest.Length;
        file.SetLength(_read);
    }

    /// <summary>The file for us alone. The system tells nobody when another process closes it, so we ask again and again.</summary>
    private static async Task<FileStream> Open(string path, CancellationToken cancel)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        for (var began = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(began) < OthersTurnAtMost && File.Exists(path))
            {
                await Task.Delay(5, cancel);
            }
        }
    }

    public void Dispose() => _turn.Dispose();
}
