using Marketplace.Bench;

if (args is ["--against", var reports])
    return await Pairs.Print(reports);

if (args is not [var data, var checkout, .. var rest])
{
    Console.Error.WriteLine("This is run by deploy/bench.");
    return 2;
}

var names = rest.Where(a => !a.StartsWith('-')).ToArray();
if (names.Except(RowTable.All.Keys).ToArray() is { Length: > 0 } unknown)
{
    Console.Error.WriteLine($"No row is called {string.Join(", ", unknown)}. There are: {string.Join(", ", RowTable.All.Keys)}.");
    return 2;
}

await using var bench = await Bench.Open(new Installation(data, checkout), quick: rest.Contains("--quick"), profile: rest.Contains("--profile"));
return await RowTable.Run(bench, names.Length > 0 ? names : [.. RowTable.All.Keys]);
