using Microsoft.Extensions.Hosting;

namespace Solacore.Core.Jobs;

/// <summary>Runs the queue for as long as the process lives; a stop drains it.</summary>
internal sealed class JobLoop(SchemaWait schema, JobWorker worker) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await schema.UntilCurrentAsync(stoppingToken);
        await worker.RunAsync(stoppingToken);
    }
}
