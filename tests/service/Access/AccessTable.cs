using System.Text.RegularExpressions;

namespace Marketplace.ServiceTests.Access;

/// <summary>Who asks, as the columns of the table have it.</summary>
internal enum Asker
{
    Nobody,
    Worker,
    OtherWorker,
    Requester,
    OtherRequester,
    Key,
    OtherKey,
    Over,
    Forged,
    WrongIssuer,
    Treasurer,
}

/// <summary>One address, what is sent to it, and the status that each asker is to get.</summary>
internal sealed partial record AccessRow(string Section, string Verb, string Address, string Sends, string Shows, IReadOnlyDictionary<Asker, int> Expected)
{
    /// <summary>Sends a page's form where true, else JSON.</summary>
    internal bool IsForm => Verb == "form";

    internal bool Changes => Verb != "GET";

    internal HttpMethod Method => IsForm ? HttpMethod.Post : new HttpMethod(Verb);

    /// <summary>Whether the owner is a requester; at addresses that are open to all it does not matter.</summary>
    internal bool IsForRequesters => IsGranted(Asker.Requester) && !IsGranted(Asker.Worker);

    /// <summary>The row's address as <see cref="Routes"/> names it: parameters without their names, and the page's handler.</summary>
    internal string Route
    {
        get
        {
            var parts = Address.Split('?', 2);
            var handler = parts.Length == 2 ? parts[1].Split('&').FirstOrDefault(p => p.StartsWith("handler=", StringComparison.Ordinal)) : null;
            return Routes.Name(Verb, parts[0], handler?["handler=".Length..]);
        }
    }

    internal bool IsGranted(Asker asker) => Expected[asker] < 400;

    /// <summary>Reads the sections of the committed table.</summary>
    internal static IReadOnlyList<AccessRow> ReadAll()
    {
        var rows = new List<AccessRow>();
        var section = "";
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Access", "access.md")))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                section = line[3..];
            if (!line.StartsWith('|') || line.StartsWith("|---", StringComparison.Ordinal))
                continue;

            var cells = line.Trim('|').Split('|').Select(c => c.Trim()).ToArray();
            var askers = Enum.GetValues<Asker>();
            Assert.True(cells.Length == 4 + askers.Length, $"A row of the table has {cells.Length} cells: {line}");
            if (cells[0] == "verb")
                Assert.Equal(askers.Select(a => Words().Replace(a.ToString(), " $1").ToLowerInvariant().Trim()), cells[4..]);
            else
                rows.Add(new(section, cells[0], cells[1], cells[2], cells[3], askers.ToDictionary(a => a, a => int.Parse(cells[4 + (int)a], System.Globalization.CultureInfo.InvariantCulture))));
        }

        return rows;
    }

    [GeneratedRegex("([A-Z])")]
    private static partial Regex Words();
}
