using System.Globalization;

namespace Marketplace.Faults.Machine;

/// <summary>
/// The clock of one copy: libfaketime between the program and the kernel adds what a file says, so that the product needs no hook. Only the
/// clock of the wall jumps; what waits and measures keeps its own time, as on a machine whose clock is set.
/// </summary>
internal sealed class ClockFile
{
    private readonly string _library;
    private readonly string _file;

    private ClockFile(string library, string file)
    {
        (_library, _file) = (library, file);
        Set(TimeSpan.Zero);
    }

    /// <summary>Null where libfaketime is not installed.</summary>
    internal static ClockFile? At(string file)
    {
        var library = Directory.Exists("/usr/lib") ? Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }).FirstOrDefault() : null;
        return library is null ? null : new(library, file);
    }

    internal void Set(TimeSpan ahead) =>
        File.WriteAllText(_file, string.Create(CultureInfo.InvariantCulture, $"{(ahead < TimeSpan.Zero ? "-" : "+")}{Math.Abs(ahead.TotalSeconds):0.###}\n"));

    internal void AddTo(Dictionary<string, string> environment)
    {
        environment["LD_PRELOAD"] = _library;
        environment["FAKETIME_TIMESTAMP_FILE"] = _file;
        environment["FAKETIME_CACHE_DURATION"] = "1";
        environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";

        // With its fix for old C libraries every wait on a condition ends at once, or never.
        environment["FAKETIME_FORCE_MONOTONIC_FIX"] = "0";
    }
}
