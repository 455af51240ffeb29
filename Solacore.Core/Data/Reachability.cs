using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StackExchange.Redis;

namespace Solacore.Core.Data;

/// <summary>Questions to what a process depends on. Each returns when the answer is good and throws when it is not.</summary>
public static class Reachability
{
    /// <summary>This process' own, so that no other one's answer is mistaken for its.</summary>
    private static readonly RedisKey Probe = $"health:{Guid.CreateVersion7():n}";

    private static readonly TimeSpan ProbeExpiry = TimeSpan.FromSeconds(30);

    /// <exception cref="InvalidOperationException">Postgres answers and takes no writes: a standby, or a disk that is protected.</exception>
    public static async Task DatabaseAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        var pool = services.GetRequiredService<NpgsqlDataSource>();
        await using var command = pool.CreateCommand("select current_setting('transaction_read_only')::boolean");
        if (await command.ExecuteScalarAsync(cancellationToken) is true)
        {
            // Its sessions may stay so for ever, and while this process is not ready no request finds that out.
            pool.Clear();
            throw new InvalidOperationException("Postgres takes no writes.");
        }
    }

    /// <returns>What is wrong with the schema: the version that it has and the one that it needs; null when it is new enough.</returns>
    public static Task<string?> FindSchemaProblemAsync(IServiceProvider services, CancellationToken cancellationToken) =>
        Migrator.FindProblemAsync(services.GetRequiredService<SolacoreDb>(), cancellationToken);

    /// <exception cref="RedisException">
    /// Redis is configured and does not answer, or refuses to write: it is a replica since a fail-over, or its memory or disk is full.
    /// </exception>
    public static async Task RedisAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<RedisLink>().Connection is { } connection)
        {
            await connection.GetDatabase().StringSetAsync(Probe, RedisValue.EmptyString, ProbeExpiry).WaitAsync(cancellationToken);
        }
    }
}
