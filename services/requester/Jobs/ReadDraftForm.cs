using System.Globalization;
using Marketplace.Contracts;
using Marketplace.Ui;

namespace Marketplace.Requester.Jobs;

/// <summary>A draft as somebody typed it into the page's form: amounts with decimals, times in seconds, choices by line.</summary>
/// <param name="Draft">What could be read of it.</param>
/// <param name="Problems">The fields that could not be read.</param>
internal sealed record DraftForm(Draft Draft, IReadOnlyList<FieldProblem> Problems)
{
    private const long MostSeconds = 1_000_000;

    /// <summary>Reads the fields, each by its name; a missing field is an empty one.</summary>
    internal static DraftForm Read(Func<string, string?> field)
    {
        var problems = new List<FieldProblem>();
        string Text(string name) => (field(name) ?? "").Replace("\r\n", "\n", StringComparison.Ordinal).Trim();
        string? Column(string name) => Text(name) is { Length: > 0 } text ? text : null;

        long? Micros(string name)
        {
            if (Text(name) is not { Length: > 0 } text)
                return null;
            if (MoneyText.TryParse(text, CultureInfo.CurrentCulture, out var micros))
                return micros;
            problems.Add(new(name, "Write an amount, such as 0.125."));
            return null;
        }

        long? Milliseconds(string name)
        {
            if (Text(name) is not { Length: > 0 } text)
                return null;
            if (MoneyText.TryParse(text, CultureInfo.CurrentCulture, out var seconds) && seconds is >= 0 and <= MostSeconds * 1_000_000)
                return seconds / 1000;
            problems.Add(new(name, "Write a number of seconds, such as 30."));
            return null;
        }

        var draft = new Draft
        {
            Title = Text("title"),
            Instructions = Text("instructions"),
            Kind = Text("kind") == JobTemplate.Text ? JobTemplate.Text : JobTemplate.Choice,
            Question = Text("question"),
            Labels = Text("labels").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            TextColumn = Column("textColumn"),
            ImageColumn = Column("imageColumn"),
            RewardMicros = Micros("reward"),
            EstimateMs = Milliseconds("estimate"),
            TimeLimitMs = Milliseconds("timeLimit"),
            Wanted = 1,
            BudgetMicros = Micros("budget"),
            LeaveOut = Text("leaveOut") == "true",
        };
        var wanted = Text("wanted");
        if (wanted.Length > 0)
        {
            if (int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var n))
                draft = draft with { Wanted = n };
            else
                problems.Add(new("wanted", $"Write a number from 1 to {JobRules.MostWanted}."));
        }

        return new(draft, problems);
    }
}
