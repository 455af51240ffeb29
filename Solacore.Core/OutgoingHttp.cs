namespace Solacore.Core;

/// <summary>The way to a provider, for a client that lives as long as the process.</summary>
internal static class OutgoingHttp
{
    // Providers move between addresses.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <param name="timeout">Of a whole request; infinite for whoever sets a time for each step.</param>
    /// <param name="connectTimeout">Of the connection alone; null: the request's.</param>
    public static HttpClient Create(TimeSpan timeout, TimeSpan? connectTimeout = null) =>
        new(new SocketsHttpHandler { PooledConnectionLifetime = ConnectionLifetime, ConnectTimeout = connectTimeout ?? Timeout.InfiniteTimeSpan })
        {
            Timeout = timeout,
        };
}
