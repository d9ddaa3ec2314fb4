using System.Buffers;

namespace Marketplace.Payment.Exports;

/// <summary>The last line of a download, by which anybody sees that it came whole: the number of rows, and the SHA-256 of all before.</summary>
internal static class Seal
{
    /// <summary>The command that computes it again, for a file of any format.</summary>
    internal const string Command = "head -n -1 FILE | sha256sum; tail -n 1 FILE";

    internal static ReadOnlySpan<byte> Explained => "; The last line counts the entries and is the SHA-256 of all lines before it: head -n -1 FILE | sha256sum; tail -n 1 FILE\n"u8;

    /// <summary>As a comment of hledger and beancount.</summary>
    internal static void WriteComment(IBufferWriter<byte> output, long rows, string sha256) =>
        output.Add("; rows "u8).Add(rows).Add(" sha256 "u8).Add(sha256).Add("\n"u8);
}
