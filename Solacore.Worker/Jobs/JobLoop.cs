using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Worker.Jobs;

/// <summary>
/// Runs the queue for as long as the process lives; a stop drains it. It begins when the schema is as new as the code: until
/// then workers of the release before do the work.
/// </summary>
internal sealed class JobLoop(JobWorker worker, IServiceScopeFactory scopes, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await IsSchemaCurrentAsync(stoppingToken))
        {
            await Task.Delay(Look, time, stoppingToken);
        }

        await worker.RunAsync(stoppingToken);
    }

    private async Task<bool> IsSchemaCurrentAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await Reachability.SchemaAsync(scope.ServiceProvider, cancellationToken);
            return true;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Old, or out of reach: readiness says which.
            return false;
        }
    }
}
