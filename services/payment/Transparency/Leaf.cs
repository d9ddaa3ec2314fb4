using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Marketplace.Payment.Ledger;

namespace Marketplace.Payment.Transparency;

/// <summary>
/// The bytes of a leaf: the public form of one ledger entry, in the version that was written when it became public. Numbers are big-endian, texts and byte strings carry
/// their length in two bytes; there are no separators, and nothing depends on a database's or a language's formatting. The
/// README of this folder specifies it for others; golden vectors keep it as it is.
/// </summary>
internal static class Leaf
{
    /// <summary>The version of what becomes public now.</summary>
    internal const byte Version = 2;

    private const byte First = 1;

    /// <summary>The leaf of this entry.</summary>
    /// <exception cref="InvalidOperationException">A text or list is longer than 65,535, so it is no entry of ours.</exception>
    internal static byte[] Encode(PublicEntry entry)
    {
        var leaf = new Writer();
        leaf.Byte(entry.Batch is null ? First : Version);
        leaf.Int64(entry.Number);
        if (entry.Batch is { } batch)
            leaf.Int64(batch);
        leaf.Text(entry.Kind);
        leaf.Instant(entry.At);
        leaf.Text(entry.Currency);
        leaf.Bytes(Convert.FromHexString(entry.Key));
        leaf.Bytes(entry.Commitment is { } commitment ? Convert.FromHexString(commitment) : []);
        leaf.Int64(entry.Corrects ?? 0);
        leaf.Bytes(entry.JobId?.ToByteArray(bigEndian: true) ?? []);

        leaf.Int16(entry.Postings.Count);
        foreach (var posting in entry.Postings.OrderBy(p => p.Account, StringComparer.Ordinal).ThenBy(p => p.AmountMicros))
        {
            leaf.Text(posting.Account);
            leaf.Int64(posting.AmountMicros);
        }

        WriteFacts(leaf, entry);
        return leaf.ToArray();
    }

    private static void WriteFacts(Writer leaf, PublicEntry entry)
    {
        if (entry.Pay is { } pay)
            WritePay(leaf, pay);
        else if (entry.Policy is { } policy && entry.Batch is null)
            WriteFirstPolicy(leaf, policy);
        else if (entry.Policy is { } parameters)
            leaf.Text(parameters.Lines());
        else if (entry.Payout is { } payout)
            leaf.Bytes(Convert.FromHexString(payout));
    }

    private static void WritePay(Writer leaf, PayFacts pay)
    {
        leaf.Text(pay.End.ToString().ToLowerInvariant());
        leaf.Int32(pay.TermsVersion);
        leaf.Int32(pay.PolicyVersion);
        leaf.Int64(pay.RewardMicros);
        leaf.Int64(pay.LimitMs);
        leaf.Int64(pay.ReadingMs);
        if (pay.Facts is null)
        {
            leaf.Int64(pay.ActiveMs!.Value);
            leaf.Int64(pay.UnseenMs!.Value);
            leaf.Int64(pay.AllowanceLeftMs!.Value);
            leaf.Byte(pay.FirstOfJob!.Value ? (byte)1 : (byte)0);
        }

        leaf.Int64(pay.FloorMicrosPerHour);
        leaf.Int64(pay.CreditedMs);
        leaf.Int64(pay.OwedMicros);
        leaf.Int64(pay.TopUpMicros);
        leaf.Int64(pay.PayMicros);
        leaf.Int64(pay.FeeMicros);
        leaf.Int64(pay.LevyMicros);
        if (pay.Facts is { } facts)
            leaf.Bytes(Convert.FromHexString(facts));
    }

    private static void WriteFirstPolicy(Writer leaf, PolicyFacts policy)
    {
        leaf.Int32(policy.Version);
        leaf.Instant(policy.InForceFrom);
        leaf.Int64(policy.FloorMicrosPerHour);
        leaf.Int32(policy.FeeBps);
        leaf.Int32(policy.LevyBps);
        leaf.Int64(policy.LimitLeastMs);
        leaf.Int32(policy.LimitFactor);
        leaf.Int64(policy.ReadingPerWordMs);
        leaf.Int64(policy.ReadingMostMs);
        leaf.Int64(policy.LeaseLeastMs);
        leaf.Int32(policy.EarliestSubmitDivisor);
        leaf.Int64(policy.IdleLeastMs);
        leaf.Int64(policy.IdleMostMs);
        leaf.Int64(policy.AllowanceBaseMs);
        leaf.Int32(policy.AllowanceShareBps);
        leaf.Int64(policy.GraceMs);
        leaf.Int64(policy.MostCreditedIn24hMs);
        leaf.Int32(policy.PriceSample);
        leaf.Int32(policy.PriceWorkers);
        leaf.Int32(policy.PriceBandBps);
        leaf.Int32(policy.PriceStepBps);
        leaf.Int64(policy.JobLifeMs);
    }

    private sealed class Writer
    {
        private readonly ArrayBufferWriter<byte> _bytes = new(512);

        internal byte[] ToArray() => _bytes.WrittenSpan.ToArray();

        internal void Byte(byte value) => _bytes.Write([value]);

        internal void Int16(int value)
        {
            if (value is < 0 or > ushort.MaxValue)
                throw new InvalidOperationException($"{value} does not fit into a leaf.");
            BinaryPrimitives.WriteUInt16BigEndian(_bytes.GetSpan(2), (ushort)value);
            _bytes.Advance(2);
        }

        internal void Int32(int value)
        {
            BinaryPrimitives.WriteInt32BigEndian(_bytes.GetSpan(4), value);
            _bytes.Advance(4);
        }

        internal void Int64(long value)
        {
            BinaryPrimitives.WriteInt64BigEndian(_bytes.GetSpan(8), value);
            _bytes.Advance(8);
        }

        internal void Instant(DateTimeOffset value) => Int64(value.ToUnixTimeMilliseconds());

        internal void Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

        internal void Bytes(byte[] value)
        {
            Int16(value.Length);
            _bytes.Write(value);
        }
    }
}
