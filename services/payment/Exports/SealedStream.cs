using System.Buffers;
using System.Security.Cryptography;

namespace Marketplace.Payment.Exports;

/// <summary>A download on its way: what is written is hashed and sent in pieces, so that its length costs no memory.</summary>
internal sealed class SealedStream(Stream body) : IDisposable
{
    private const int Piece = 64 * 1024;
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * Piece);
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    internal IBufferWriter<byte> Output => _buffer;

    public void Dispose() => _hash.Dispose();

    /// <summary>Sends when there is enough to send.</summary>
    internal Task Pass(CancellationToken cancel) => _buffer.WrittenCount < Piece ? Task.CompletedTask : Send(cancel);

    /// <summary>Sends the rest, and after it the seal that <paramref name="write"/> makes of the hash.</summary>
    internal async Task Close(Action<IBufferWriter<byte>, string> write, CancellationToken cancel)
    {
        await Send(cancel);
        write(_buffer, Convert.ToHexStringLower(_hash.GetHashAndReset()));
        await body.WriteAsync(_buffer.WrittenMemory, cancel);
    }

    private async Task Send(CancellationToken cancel)
    {
        _hash.AppendData(_buffer.WrittenSpan);
        await body.WriteAsync(_buffer.WrittenMemory, cancel);
        _buffer.ResetWrittenCount();
    }
}
