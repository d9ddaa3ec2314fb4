using System.Globalization;

namespace Marketplace.Faults.Plan;

/// <summary>What deploy/faults was asked for.</summary>
internal sealed record Options
{
    /// <summary>The folder with secrets, ports, logs and process numbers, made by deploy/faults.</summary>
    public required string Data { get; init; }
    public int Runs { get; init; } = 3;
    public int Seed { get; init; } = 1;

    /// <summary>Faults a run.</summary>
    public int Faults { get; init; } = 8;

    /// <summary>How many smaller schedules are tried at most instead of one that failed.</summary>
    public int ShrinkTries { get; init; } = 12;

    /// <summary>Runs that share one installation before a blank one is made.</summary>
    public int RunsAnInstallation { get; init; } = 20;
    public IReadOnlyList<FaultKind> Kinds { get; init; } = FaultKinds.Usual;

    /// <summary>Seconds that PostgreSQL, and then RabbitMQ, are away; null: not asked for.</summary>
    public int? AwaySeconds { get; init; }

    /// <summary>Completions that wait for a slow consumer; null: not asked for.</summary>
    public int? Backlog { get; init; }

    /// <summary>Nothing is broken; somebody looks on instead. Null: not asked for.</summary>
    public SnoopLength? Snoop { get; init; }

    /// <summary>The checkout whose programs are run; null: this one.</summary>
    public string? Programs { get; init; }

    /// <summary>Where what was seen is kept.</summary>
    public string? Record { get; init; }

    /// <summary>A file of what was seen before, to judge instead.</summary>
    public string? Replay { get; init; }

    /// <exception cref="FormatException">An option is unknown or has no good value; the message says which.</exception>
    internal static Options Parse(string[] args)
    {
        var options = new Options { Data = "" };
        if (args.Contains("--snoop"))
        {
            var at = Array.IndexOf(args, "--snoop");
            var length = SnoopLength.Parse(args.ElementAtOrDefault(at + 1));
            options = options with { Snoop = length ?? SnoopLength.Whole };
            args = [.. args[..at], .. args[(at + (length is null ? 1 : 2))..]];
        }

        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length)
                throw new FormatException($"{args[i]} needs a value.");
            options = With(options, args[i], args[i + 1]);
        }

        return options.Data.Length > 0 ? options : throw new FormatException("--data DIR is missing; start it by deploy/faults.");
    }

    private static Options With(Options options, string name, string value) => name switch
    {
        "--data" => options with { Data = value },
        "--runs" => options with { Runs = Number(name, value) },
        "--seed" => options with { Seed = Number(name, value) },
        "--faults" => options with { Faults = Number(name, value) },
        "--shrink" => options with { ShrinkTries = Number(name, value) },
        "--runs-an-installation" => options with { RunsAnInstallation = Math.Max(1, Number(name, value)) },
        "--away" => options with { AwaySeconds = Number(name, value) },
        "--backlog" => options with { Backlog = Number(name, value) },
        "--programs" => options with { Programs = Path.GetFullPath(value) },
        "--record" => options with { Record = Path.GetFullPath(value) },
        "--replay" => options with { Replay = Path.GetFullPath(value) },
        "--kinds" => options with { Kinds = [.. Words(value)] },
        "--without" => options with { Kinds = [.. options.Kinds.Except(Words(value))] },
        _ => throw new FormatException($"There is no option {name}. See deploy/faults --help."),
    };

    private static IEnumerable<FaultKind> Words(string value) =>
        value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(word => FaultKinds.Parse(word)
                ?? throw new FormatException($"There is no kind {word}. Kinds: {string.Join(' ', FaultKinds.All.Select(FaultKinds.Word))}"));

    private static int Number(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : throw new FormatException($"{name} needs a whole number.");
}
