using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Solacore.ServiceDefaults;

/// <summary>Whether this process has been told to stop: from then on it is not ready, though it still answers.</summary>
public sealed class DrainState
{
    private volatile bool _draining;

    /// <summary>True from the moment the stop signal arrived.</summary>
    public bool IsDraining => _draining;

    /// <summary>Takes the process out of rotation; there is no way back.</summary>
    public void Begin() => _draining = true;
}

/// <summary>
/// Keeps the listener open for a while after the stop signal, so that load balancers see <c>ready</c> turn false
/// and send nothing new before connections are refused.
/// </summary>
internal sealed class DrainBeforeStop : IHostedLifecycleService
{
    private readonly DrainState _state;
    private readonly TimeSpan _delay;
    private readonly TimeProvider _time;

    public DrainBeforeStop(DrainState state, DrainDelay delay, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        (_state, _delay, _time) = (state, delay.Value, time);
        lifetime.ApplicationStopping.Register(state.Begin);
    }

    /// <summary>The host runs this for every service before it stops the first one, the web server included.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _state.Begin();
        await Task.Delay(_delay, _time, cancellationToken);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

internal sealed record DrainDelay(TimeSpan Value);

internal static class DrainExtensions
{
    /// <summary>Long enough for a probe every two seconds to notice and for its balancer to act.</summary>
    private const int DefaultSeconds = 5;

    public static void AddDrain(this IServiceCollection services, IConfiguration configuration, bool debug, Action<string, string> report)
    {
        var delay = TimeSpan.FromSeconds(configuration.WholeNumber("DRAIN_SECONDS", 0, 300, report) ?? (debug ? 0 : DefaultSeconds));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<DrainState>();
        services.AddSingleton(new DrainDelay(delay));
        services.AddHostedService<DrainBeforeStop>();
        // The delay is not taken from the time that running work has to finish.
        services.PostConfigure<HostOptions>(options => options.ShutdownTimeout += delay);
    }
}
