namespace Marketplace.Contracts;

/// <summary>
/// An amount of money in the installation's one currency: whole micro-units (1 EUR = 1,000,000). It may be negative
/// only where a text says so (a debit or credit in the ledger). Arithmetic is checked: an overflow throws.
/// </summary>
/// <param name="Micros">The amount in micro-units.</param>
public readonly record struct Money(long Micros) : IComparable<Money>
{
    public static readonly Money Zero;

    public static Money Max(Money a, Money b) => a.Micros >= b.Micros ? a : b;

    public static Money Min(Money a, Money b) => a.Micros <= b.Micros ? a : b;

    public int CompareTo(Money other) => Micros.CompareTo(other.Micros);

    public static Money operator +(Money a, Money b) => new(checked(a.Micros + b.Micros));

    public static Money operator -(Money a, Money b) => new(checked(a.Micros - b.Micros));

    public static Money operator *(long times, Money a) => new(checked(times * a.Micros));

    public static bool operator <(Money a, Money b) => a.Micros < b.Micros;

    public static bool operator >(Money a, Money b) => a.Micros > b.Micros;

    public static bool operator <=(Money a, Money b) => a.Micros <= b.Micros;

    public static bool operator >=(Money a, Money b) => a.Micros >= b.Micros;
}
