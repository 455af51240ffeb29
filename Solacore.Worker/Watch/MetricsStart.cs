using Solacore.Core.Watch;

namespace Solacore.Worker.Watch;

internal sealed class MetricsStart(IEnumerable<IWatchedMetrics> metrics) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var watched in metrics)
        {
            watched.Begin();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
