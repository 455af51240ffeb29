using System.Data.Common;

namespace Solacore.Core.Data;

/// <summary>Troubles of the database that pass by themselves, such as a restart or a cut connection.</summary>
public static class Transient
{
    /// <summary>True when the driver says so of an exception that EF Core and its retries have wrapped, however often.</summary>
    public static bool Is(Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            if (e is DbException { IsTransient: true })
            {
                return true;
            }
        }

        return false;
    }
}
