using Microsoft.Extensions.DependencyInjection;
using Solacore.Core.Data;

namespace Solacore.Core.Jobs;

/// <summary>Holds a worker back until the schema is as new as its code: until then workers of the release before do the work.</summary>
internal sealed class SchemaWait(IServiceScopeFactory scopes, QueueErrors errors, JobWorkerOptions options, TimeProvider time)
{
    public async Task UntilCurrentAsync(CancellationToken stopping)
    {
        while (!await IsCurrentAsync(stopping))
        {
            await Task.Delay(options.Poll, time, stopping);
        }
    }

    private async Task<bool> IsCurrentAsync(CancellationToken stopping)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            return await Migrator.IsCurrentAsync(scope.ServiceProvider.GetRequiredService<SolacoreDb>(), stopping);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            errors.Report("schema", e);
            return false;
        }
    }
}
