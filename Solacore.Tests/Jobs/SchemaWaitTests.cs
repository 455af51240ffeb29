using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Jobs;

public sealed class SchemaWaitTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Theory]
    [InlineData("Password", "wrong", "PostgresException 28P01")]
    [InlineData("Port", "1", "NpgsqlException ConnectionRefused")]
    public async Task a_worker_that_cannot_reach_its_database_says_why(string wrong, string value, string error)
    {
        var log = new LogRecorder();
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString) { [wrong] = value }.ConnectionString;
        var connections = new ConnectionSettings(connection, null, null);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(log));
        services.AddMetrics();
        services.AddSingleton(TimeProvider.System);
        services.AddSolacoreData(connections).AddJobQueue();
        services.AddJobWorker(connections);
        await using var provider = services.BuildServiceProvider();
        using var stopping = new CancellationTokenSource();

        var waiting = provider.GetRequiredService<SchemaWait>().UntilCurrentAsync(stopping.Token);

        var said = $"Warning The queue cannot reach the database (schema: {error}); it tries again ";
        await Eventually.BeAsync("the reason", () => Task.FromResult(string.Join('\n', log.Lines)), lines => lines.Contains(said, StringComparison.Ordinal));
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
