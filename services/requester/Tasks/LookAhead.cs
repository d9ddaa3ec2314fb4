namespace Marketplace.Requester.Tasks;

/// <summary>A stream read forward only, whose beginning can be looked at first.</summary>
internal sealed class LookAhead(Stream source) : Stream
{
    private const int Most = 64 * 1024;
    private readonly byte[] _start = new byte[Most];
    private int _length;
    private int _given;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Up to the first 64 KB; reading still begins with them.</summary>
    public async Task<ReadOnlyMemory<byte>> Peek(CancellationToken cancel)
    {
        _length = await source.ReadAtLeastAsync(_start, Most, throwOnEndOfStream: false, cancel);
        return _start.AsMemory(0, _length);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_given == _length)
            return await source.ReadAsync(buffer, cancellationToken);

        var taken = Math.Min(buffer.Length, _length - _given);
        _start.AsMemory(_given, taken).CopyTo(buffer);
        _given += taken;
        return taken;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("An upload is read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
