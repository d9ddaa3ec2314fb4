using System.Globalization;

namespace Marketplace.JourneyTests.Replay;

/// <summary>The published answers of a crowd, task by task in the file's order: whoever is given a task gives its next answer, in its time.</summary>
internal sealed class CrowdFile
{
    private readonly Dictionary<string, Queue<CrowdAnswer>> _unused = [];
    private readonly Lock _one = new();

    private CrowdFile(IEnumerable<CrowdRow> rows)
    {
        foreach (var row in rows)
        {
            if (!_unused.TryGetValue(row.Task, out var answers))
            {
                _unused[row.Task] = answers = new();
                Tasks.Add(row.Task);
                Gold[row.Task] = row.Gold;
            }

            answers.Enqueue(new(row.Label, row.Seconds));
            Workers.Add(row.Worker);
            Answers++;
        }
    }

    internal List<string> Tasks { get; } = [];

    internal Dictionary<string, string> Gold { get; } = [];

    internal HashSet<string> Workers { get; } = [];

    internal int Answers { get; private set; }

    /// <summary>Null where the data is not beside the repository.</summary>
    internal static CrowdFile? Find(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "..", "shared", "data", name, "answers.csv");
            if (File.Exists(Path.Combine(folder.FullName, "Marketplace.sln")) && File.Exists(file))
                return Read(file);
        }

        return null;
    }

    internal CrowdAnswer Next(string task)
    {
        lock (_one)
            return _unused[task].Dequeue();
    }

    /// <summary>Five columns without a quote or a comma in them: worker, task, label, gold, seconds.</summary>
    private static CrowdFile Read(string file) => new(File.ReadLines(file).Skip(1).Select(line =>
    {
        var fields = line.Split(',');
        return new CrowdRow(fields[0], fields[1], fields[2], fields[3], int.Parse(fields[4], CultureInfo.InvariantCulture));
    }));

    private sealed record CrowdRow(string Worker, string Task, string Label, string Gold, int Seconds);
}

/// <summary>One answer and the whole seconds that it took.</summary>
internal sealed record CrowdAnswer(string Label, int Seconds);
