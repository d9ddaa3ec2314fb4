using System.Security.Cryptography;

namespace Marketplace.Auditor.Log;

/// <summary>
/// How a log changes its key: the old key names the new one in a note that both sign. Who trusts the old one can follow.
/// </summary>
internal static class KeyHandovers
{
    private const string Heading = "key hand-over v1";

    /// <summary>Follows the notes (with a blank line between two) from a known key to the one in force; both ends included.</summary>
    /// <exception cref="CryptographicException">They do not lead there.</exception>
    internal static IReadOnlyList<VerifierKey> Follow(string notes, VerifierKey known, VerifierKey inForce)
    {
        var way = new List<VerifierKey> { known };
        while (!way[^1].Equals(inForce))
        {
            var next = Notes(notes).Select(note => NextOf(note, way[^1])).FirstOrDefault(key => key is not null);
            if (next is null || way.Contains(next))
                throw new CryptographicException(
                    $"The log's key is {inForce} and was {way[^1]}, and the old key does not name the new one. Ask the cooperative; if it announced the new key, give it with --key.");
            way.Add(next);
        }

        return way;
    }

    private static VerifierKey? NextOf(Note note, VerifierKey key)
    {
        if (note.Text.Split('\n') is not [var origin, Heading, var old, var next, ""] || origin != key.Name || old != key.ToString())
            return null;

        var named = VerifierKey.Parse(next);
        return named.Name == origin && note.IsSignedBy(key) && note.IsSignedBy(named) ? named : null;
    }

    private static IEnumerable<Note> Notes(string notes) =>
        notes.Split("\n\n").Chunk(2).Where(pair => pair.Length == 2).Select(pair => new Note(pair[0] + "\n", pair[1]));
}
