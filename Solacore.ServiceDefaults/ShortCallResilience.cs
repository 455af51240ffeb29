using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace Solacore.ServiceDefaults;

/// <summary>Resilience of outgoing calls, chosen client by client.</summary>
public static class ShortCallResilience
{
    /// <summary>
    /// For calls whose answer is small and quick: 5 s an attempt, 15 s in all, two retries of safe methods, a circuit
    /// breaker. Never for a client that streams from a model, because it would cut a long reply and could start
    /// another one that is paid for as well.
    /// </summary>
    public static IHttpStandardResiliencePipelineBuilder AddShortCallResilience(this IHttpClientBuilder client) =>
        client.AddStandardResilienceHandler(options =>
        {
            options.AttemptTimeout.Timeout = TimeSpan.FromSeconds(5);
            options.TotalRequestTimeout.Timeout = TimeSpan.FromSeconds(15);
            options.Retry.MaxRetryAttempts = 2;
            options.Retry.Delay = TimeSpan.FromMilliseconds(250);
            // A POST that timed out may have been carried out.
            options.Retry.DisableForUnsafeHttpMethods();
        });
}
