namespace Solacore.ServiceDefaults;

/// <summary>
/// Asks a dependency whether it is there. Returns when it is, throws when it is not. Runs in a scope of its own,
/// at most twice a second and for at most two seconds, then the token is cancelled; the next question waits until this one
/// has ended. Must not call anything that costs money.
/// </summary>
public delegate Task Probe(IServiceProvider services, CancellationToken cancellationToken);

/// <summary>What a process depends on. A dependency without a probe counts as reachable.</summary>
public sealed class HealthProbes
{
    private readonly List<(Dependency Dependency, Probe Probe)> _all = [];

    internal IReadOnlyList<(Dependency Dependency, Probe Probe)> All => _all;

    /// <summary>Postgres answers. Without it the process is unhealthy and not ready.</summary>
    public HealthProbes Database(Probe probe) => Add(Dependency.Database, probe);

    /// <summary>The schema is at least as new as the code. Without it the process is not ready.</summary>
    /// <param name="findProblem">Null when it is; else what is wrong, in words that may be told to whoever sees the details.</param>
    public HealthProbes Schema(Func<IServiceProvider, CancellationToken, Task<string?>> findProblem) => Add(Dependency.Schema, async (services, cancellationToken) =>
    {
        if (await findProblem(services, cancellationToken) is { } problem)
        {
            throw new ProbeException(problem);
        }
    });

    /// <summary>Redis answers and takes writes. Without it the process is degraded.</summary>
    public HealthProbes Redis(Probe probe) => Add(Dependency.Redis, probe);

    /// <summary>A model provider is believed to answer (from the last calls, which the database knows; never by a paid one). Without it: degraded.</summary>
    public HealthProbes Model(Probe probe) => Add(Dependency.Model, probe);

    private HealthProbes Add(Dependency dependency, Probe probe)
    {
        _all.Add((dependency, probe));
        return this;
    }
}

/// <summary>Its message holds no secret, while of any other exception the class alone may be told.</summary>
internal sealed class ProbeException(string message) : Exception(message);

internal enum Dependency
{
    Database,
    Schema,
    Redis,
    Model,
}
