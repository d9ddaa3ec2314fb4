using System.Globalization;
using System.Text.Json;
using Marketplace.Faults.People;

namespace Marketplace.Faults.Snoop;

/// <summary>
/// Without an account: the checkpoint, entries, the download, the balances, and whether an entry that is not listed is answered all the
/// same.
/// </summary>
internal sealed class Stranger(Func<Caller> call, Recorder recorder)
{
    private long _exported;

    internal Task Look(CancellationToken stop) => Task.WhenAll(
        With(caller => Looks.Again(cancel => Checkpoint(caller, cancel), stop)),
        With(caller => Looks.Again(cancel => Entries(caller, cancel), stop)),
        With(caller => Looks.Again(cancel => Export(caller, cancel), stop)),
        With(caller => Looks.Again(cancel => Peek(caller, cancel), stop)),
        With(caller => Looks.Page(caller, "/ledger/trial-balance", "balance", recorder, stop)));

    /// <summary>Everything that is public now.</summary>
    internal async Task ReadAll(CancellationToken cancel)
    {
        using var caller = call();
        await Export(caller, cancel);
    }

    private async Task With(Func<Caller, Task> look)
    {
        using var caller = call();
        await look(caller);
    }

    private async Task Checkpoint(Caller caller, CancellationToken cancel)
    {
        var note = (await caller.Get("/log/checkpoint", cancel)).Text.Split('\n');
        if (note.Length > 1 && long.TryParse(note[1], CultureInfo.InvariantCulture, out var size))
            recorder.Number("checkpoint", size);
    }

    private async Task Entries(Caller caller, CancellationToken cancel)
    {
        for (var address = "/ledger/entries"; address is not null;)
        {
            var page = await caller.Get(address, cancel);
            if (!page.Ok)
                return;
            var news = false;
            foreach (var entry in page.Body.GetProperty("entries").EnumerateArray())
            {
                news |= !recorder.Knows(entry.GetProperty("number").GetInt64());
                recorder.Entry("entries", entry);
            }

            address = news && page.Body.TryGetProperty("older", out var older) ? older.GetString() : null;
        }
    }

    /// <summary>The download begins with the oldest: what is known is passed over.</summary>
    private async Task Export(Caller caller, CancellationToken cancel)
    {
        var lines = (await caller.Get("/ledger/export.jsonl", cancel)).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (var n = _exported; n < lines.Length; n++)
        {
            var line = JsonSerializer.Deserialize<JsonElement>(lines[n]);
            if (!line.TryGetProperty("number", out _))
                break;
            recorder.Entry("export", line);
            _exported = n + 1;
        }
    }

    /// <summary>The number after the last one that is known, on its own page and as a receipt.</summary>
    private async Task Peek(Caller caller, CancellationToken cancel)
    {
        var next = recorder.Highest + 1;
        var page = await caller.Get(string.Create(CultureInfo.InvariantCulture, $"/ledger/entries/{next}"), cancel);
        if (page is { Ok: true, Body.ValueKind: JsonValueKind.Object })
            recorder.Entry("peek", page.Body);
        var receipt = await caller.Get(string.Create(CultureInfo.InvariantCulture, $"/log/receipt/{next}"), cancel);
        if (receipt.Ok)
            recorder.Number("receipt", next);
    }
}
