using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
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
        await Eventually.BeAsync("the reason", () => string.Join('\n', log.Lines), lines => lines.Contains(said, StringComparison.Ordinal));
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public async Task the_same_failure_of_a_step_is_told_once_and_again_after_half_a_minute()
    {
        var log = new LogRecorder();
        var time = new FakeTimeProvider();
        using var logging = LoggerFactory.Create(builder => builder.AddProvider(log));
        await using var dataSource = NpgsqlDataSource.Create(database.ConnectionString);
        var errors = new QueueErrors(dataSource, logging.CreateLogger<QueueErrors>(), time);

        for (var second = 0; second <= 30; second++)
        {
            errors.Report("claim", new TimeoutException());
            time.Advance(TimeSpan.FromSeconds(1));
        }

        errors.Report("claim", new IOException());
        errors.Report("listen", new TimeoutException());

        Assert.Equal(
            ["claim: TimeoutException", "claim: TimeoutException", "claim: IOException", "listen: TimeoutException"],
            log.Lines.Select(line => line.Split('(', ')')[1]));
    }
}
