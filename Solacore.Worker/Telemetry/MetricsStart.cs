using Solacore.Core.Telemetry;

namespace Solacore.Worker.Telemetry;

internal sealed class MetricsStart(IEnumerable<IZeroInitializedMetrics> metrics) : IHostedService
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
