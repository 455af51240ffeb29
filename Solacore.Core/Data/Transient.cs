using System.Data.Common;

namespace Solacore.Core.Data;

/// <summary>Troubles of the database that pass by themselves, such as a restart or a cut connection.</summary>
public static class Transient
{
    /// <summary>True when the driver says so, however deeply its exception is wrapped.</summary>
    public static bool Is(Exception exception) => exception.Chain().Any(e => e is DbException { IsTransient: true });
}
