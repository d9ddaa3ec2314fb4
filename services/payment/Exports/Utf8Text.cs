using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Marketplace.Payment.Exports;

/// <summary>Writes text and numbers as UTF-8 straight into a buffer, for downloads of any length.</summary>
internal static class Utf8Text
{
    private const long MicrosPerUnit = 1_000_000;

    internal static IBufferWriter<byte> Add(this IBufferWriter<byte> output, ReadOnlySpan<byte> utf8)
    {
        output.Write(utf8);
        return output;
    }

    internal static IBufferWriter<byte> Add(this IBufferWriter<byte> output, string text)
    {
        Encoding.UTF8.GetBytes(text, output);
        return output;
    }

    /// <summary>Nothing where there is none.</summary>
    internal static IBufferWriter<byte> Add(this IBufferWriter<byte> output, long? number) => number is { } known ? output.Add(known) : output;

    internal static IBufferWriter<byte> Add(this IBufferWriter<byte> output, long number)
    {
        var span = output.GetSpan(20);
        Utf8Formatter.TryFormat(number, span, out var written);
        output.Advance(written);
        return output;
    }

    internal static IBufferWriter<byte> Add(this IBufferWriter<byte> output, Guid id)
    {
        Utf8Formatter.TryFormat(id, output.GetSpan(36), out var written);
        output.Advance(written);
        return output;
    }

    /// <summary>The text without line ends and other control characters, which could write lines of their own.</summary>
    internal static string OneLine(string text) =>
        text.AsSpan().IndexOfAnyInRange('\0', '\u001f') < 0 && text.AsSpan().IndexOfAnyInRange('\u007f', '\u009f') < 0 && text.AsSpan().IndexOfAny('\u2028', '\u2029') < 0
            ? text
            : string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c));

    /// <summary>An amount with all six decimals and a full stop: -0.171667.</summary>
    internal static IBufferWriter<byte> AddMoney(this IBufferWriter<byte> output, long micros)
    {
        var magnitude = micros < 0 ? (ulong)-(micros + 1) + 1 : (ulong)micros;
        var span = output.GetSpan(28);
        var at = 0;
        if (micros < 0)
            span[at++] = (byte)'-';
        Utf8Formatter.TryFormat(magnitude / MicrosPerUnit, span[at..], out var written);
        at += written;
        span[at++] = (byte)'.';
        Utf8Formatter.TryFormat(magnitude % MicrosPerUnit, span[at..], out written, new StandardFormat('D', 6));
        output.Advance(at + written);
        return output;
    }

    /// <summary>A day: 2026-11-19.</summary>
    internal static IBufferWriter<byte> Add(this IBufferWriter<byte> output, DateOnly day)
    {
        day.TryFormat(output.GetSpan(10), out var written, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        output.Advance(written);
        return output;
    }

    /// <summary>An instant in UTC to the millisecond: 2026-11-19T10:48:04.120Z.</summary>
    internal static IBufferWriter<byte> Add(this IBufferWriter<byte> output, DateTimeOffset at)
    {
        at.UtcDateTime.TryFormat(output.GetSpan(24), out var written, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        output.Advance(written);
        return output;
    }
}
