using Solacore.Core.Jobs;

namespace Solacore.Worker.Jobs;

/// <summary>Runs the queue for as long as the process lives; a stop drains it.</summary>
internal sealed class JobLoop(JobWorker worker) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await worker.AwaitSchemaAsync(stoppingToken);
        await worker.RunAsync(stoppingToken);
    }
}
