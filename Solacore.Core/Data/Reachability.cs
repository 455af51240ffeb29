using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using StackExchange.Redis;

namespace Solacore.Core.Data;

/// <summary>Questions to what a process depends on. Each returns when the answer is good and throws when it is not.</summary>
public static class Reachability
{
    public static async Task DatabaseAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var command = services.GetRequiredService<NpgsqlDataSource>().CreateCommand("select 1");
        await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <exception cref="InvalidOperationException">Migrations are missing.</exception>
    public static async Task SchemaAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (!await Migrator.IsCurrentAsync(services.GetRequiredService<SolacoreDb>(), cancellationToken))
        {
            throw new InvalidOperationException("The schema is older than the code.");
        }
    }

    /// <exception cref="RedisException">Redis is configured and does not answer.</exception>
    public static async Task RedisAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        if (services.GetRequiredService<RedisLink>().Connection is { } connection)
        {
            await connection.GetDatabase().PingAsync().WaitAsync(cancellationToken);
        }
    }
}
