using System.Runtime.CompilerServices;

namespace Marketplace.UnitTests;

/// <summary>How often a property is tried: often enough to meet the edges, seldom enough that the suite stays under seconds.</summary>
internal static class Draws
{
    [ModuleInitializer]
    internal static void Set() => Check.Iter = 5_000;
}
