using System.Security.Cryptography;
using System.Text;

namespace Marketplace.Payment.Ledger;

/// <summary>
/// How a worker is named in a public entry: SHA-256(salt ‖ 0x00 ‖ worker id, 16 bytes big-endian ‖ entry key, UTF-8). With the salt the
/// worker can show that an entry is theirs; without it nobody can tell, nor tell that two entries are of one person.
/// </summary>
internal static class Commitment
{
    internal const int SaltBytes = 32;

    internal static byte[] Of(byte[] salt, Guid worker, string key)
    {
        if (salt.Length != SaltBytes)
            throw new ArgumentException($"A salt has {SaltBytes} bytes.", nameof(salt));

        var text = Encoding.UTF8.GetBytes(key);
        var input = new byte[SaltBytes + 1 + 16 + text.Length];
        salt.CopyTo(input, 0);
        worker.TryWriteBytes(input.AsSpan(SaltBytes + 1), bigEndian: true, out _);
        text.CopyTo(input, SaltBytes + 1 + 16);
        return SHA256.HashData(input);
    }
}
