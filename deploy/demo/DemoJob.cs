using System.Text;
using System.Text.Json;

namespace Marketplace.Demo;

/// <summary>A job of the demo: its terms, its tasks, and what a careful worker answers.</summary>
/// <param name="Draft">The terms, as <c>POST /api/jobs</c> takes them.</param>
/// <param name="Title">Its name, by which it is found again.</param>
/// <param name="Column">The column that a worker looks at.</param>
/// <param name="Tasks">The column's value of each task with the good answers to it.</param>
/// <param name="Pictures">Pictures to upload beside the tasks, by file name.</param>
internal sealed record DemoJob(
    object Draft, string Title, string Column, IReadOnlyList<(string Value, string[] Answers)> Tasks, IReadOnlyDictionary<string, byte[]> Pictures)
{
    /// <summary>What the crew answers, by the value it sees: a text, or the address of a picture.</summary>
    internal Dictionary<string, string[]> AnswersByValue() => Tasks.ToDictionary(
        t => Pictures.TryGetValue(t.Value, out var picture) ? Picture.Address(picture) : t.Value,
        t => t.Answers);

    /// <summary>The upload, as JSON Lines: a number and the value of each task.</summary>
    internal byte[] ToJsonLines() => Encoding.UTF8.GetBytes(string.Concat(Tasks.Select((task, n) =>
        JsonSerializer.Serialize(new Dictionary<string, object> { ["number"] = n + 1, [Column] = task.Value }) + "\n")));

    internal static IReadOnlyList<DemoJob> All { get; } = [Notes(), Sentences(), Shapes()];

    private const string Feelings = "pleased displeased neither";

    private static DemoJob Notes() => new(
        new
        {
            title = "How does the customer feel?",
            instructions = """
                People leave notes in the box of a small repair shop. Read the note and choose how its writer feels about the shop.

                Choose "neither" when the note only asks or tells something. A joke counts as what it means, not as what it says.
                When you are torn between two, take the one the shop should hear first.
                """,
            kind = "choice",
            question = "How does the writer feel about the shop?",
            labels = Feelings.Split(' '),
            textColumn = "note",
            rewardMicros = 40_000,
            estimateMs = 8_000,
            wanted = 5,
        },
        "How does the customer feel?", "note", Read("notes.jsonl", "note"), new Dictionary<string, byte[]>());

    private static DemoJob Sentences() => new(
        new
        {
            title = "Say it in plain words",
            instructions =
                "These sentences are from notices and letters that nobody enjoys. Write each of them so that a twelve-year-old " +
                "understands it at once, without leaving out anything that matters. One or two short sentences are enough.",
            kind = "text",
            question = "How would you say this to a neighbour?",
            textColumn = "sentence",
            rewardMicros = 150_000,
            estimateMs = 30_000,
            wanted = 2,
        },
        "Say it in plain words", "sentence", Read("sentences.jsonl", "sentence"), new Dictionary<string, byte[]>());

    private static DemoJob Shapes()
    {
        var drawn = Enumerable.Range(1, 30).Select(n => (Name: $"shapes-{n:00}.png", Picture: Picture.Draw(seed: n))).ToArray();
        return new(
            new
            {
                title = "Which shape is the largest?",
                instructions = "Three shapes are in the picture. Choose the one that covers the most paper. Colours do not matter.",
                kind = "choice",
                question = "Which shape is the largest?",
                labels = Picture.Shapes,
                imageColumn = "picture",
                rewardMicros = 25_000,
                estimateMs = 5_000,
                wanted = 5,
            },
            "Which shape is the largest?", "picture",
            [.. drawn.Select(d => (d.Name, new[] { d.Picture.Largest }))],
            drawn.ToDictionary(d => d.Name, d => d.Picture.Png));
    }

    /// <summary>The tasks in a file of this project, each with its good answers.</summary>
    private static List<(string, string[])> Read(string file, string column)
    {
        using var reader = new StreamReader(typeof(DemoJob).Assembly.GetManifestResourceStream(file)!);
        var tasks = new List<(string, string[])>();
        while (reader.ReadLine() is { } line)
        {
            using var task = JsonDocument.Parse(line);
            tasks.Add((
                task.RootElement.GetProperty(column).GetString()!,
                [.. task.RootElement.GetProperty("answers").EnumerateArray().Select(a => a.GetString()!)]));
        }

        return tasks;
    }
}
