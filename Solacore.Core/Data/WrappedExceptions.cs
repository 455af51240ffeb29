namespace Solacore.Core.Data;

/// <summary>EF Core and its retries wrap the driver's exception, once or more often.</summary>
public static class WrappedExceptions
{
    /// <summary>The exception and all that it wraps, from the outside in.</summary>
    public static IEnumerable<Exception> Chain(this Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            yield return e;
        }
    }
}
