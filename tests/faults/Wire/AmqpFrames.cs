namespace Marketplace.Faults.Wire;

/// <summary>What passes on a wire that a trap can wait for.</summary>
internal enum Passing
{
    Nothing,

    /// <summary>The broker hands a message to a consumer (<c>basic.deliver</c>).</summary>
    Delivery,

    /// <summary>The broker confirms a publish (<c>basic.ack</c> from the server).</summary>
    Confirm,

    /// <summary>PostgreSQL answers a client that it has committed.</summary>
    Commit,
}

/// <summary>
/// Follows AMQP 0-9-1 frames (specification, 2.3.5: type, channel, size, payload, end) in what the broker sends, however the bytes are cut
/// into pieces, and names the methods that matter here.
/// </summary>
internal sealed class AmqpFrames
{
    private const int HeadBytes = 7;
    private const int MethodBytes = 4;
    private readonly byte[] _head = new byte[HeadBytes + MethodBytes];
    private int _filled;
    private long _skip;

    /// <summary>The last thing of interest in these bytes.</summary>
    internal Passing Read(ReadOnlySpan<byte> bytes)
    {
        var seen = Passing.Nothing;
        while (bytes.Length > 0)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                bytes = bytes[skipped..];
                continue;
            }

            _head[_filled++] = bytes[0];
            bytes = bytes[1..];
            if (_filled >= HeadBytes && _filled == HeadBytes + Math.Min(MethodBytes, PayloadBytes()))
            {
                if (Method() is var method and not Passing.Nothing)
                    seen = method;
                _skip = PayloadBytes() - (_filled - HeadBytes) + 1;
                _filled = 0;
            }
        }

        return seen;
    }

    private long PayloadBytes() => ((long)_head[3] << 24) | ((long)_head[4] << 16) | ((long)_head[5] << 8) | _head[6];

    private Passing Method() => _head[0] != 1 || _filled < HeadBytes + MethodBytes
        ? Passing.Nothing
        : ((_head[7] << 8) | _head[8], (_head[9] << 8) | _head[10]) switch
        {
            (60, 60) => Passing.Delivery,
            (60, 80) => Passing.Confirm,
            _ => Passing.Nothing,
        };
}
