using System.Data.Common;
using System.Diagnostics.Metrics;
using Npgsql;

namespace Solacore.Worker.Telemetry;

/// <summary>
/// How many people wrote a message lately. Every worker asks for itself, so a dashboard takes the largest answer instead
/// of the sum.
/// </summary>
internal sealed partial class ActiveUsers : BackgroundService
{
    // Ids of turns begin with the milliseconds of their making (UUIDv7), so the primary key finds the recent ones without
    // an index of its own. The rest of the bound is zeros: no id of that millisecond is smaller.
    private const string CountSql =
        """
        select count(distinct user_id) filter (where created_at > now() - interval '1 day'), count(distinct user_id)
        from turns
        where id >= (lpad(to_hex((extract(epoch from now() - interval '7 days') * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
        """;

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    private readonly NpgsqlDataSource _dataSource;
    private readonly TimeProvider _time;
    private readonly ILogger<ActiveUsers> _logger;
    private readonly Meter _meter;
    private volatile IReadOnlyList<Measurement<long>> _latest = [];

    public ActiveUsers(NpgsqlDataSource dataSource, IMeterFactory meters, TimeProvider time, ILogger<ActiveUsers> logger)
    {
        (_dataSource, _time, _logger) = (dataSource, time, logger);
        _meter = meters.Create("Solacore.Watch");
        _meter.CreateObservableGauge("solacore.accounts.active", () => _latest, "{account}", "Accounts that wrote a message in the last day or week.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, _time);
        do
        {
            try
            {
                _latest = await CountAsync(stoppingToken);
            }
            catch (Exception e) when (e is DbException or TimeoutException)
            {
                LogNotCounted(_logger, e.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<IReadOnlyList<Measurement<long>>> CountAsync(CancellationToken cancellationToken)
    {
        await using var command = _dataSource.CreateCommand(CountSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return [Within("day", reader.GetInt64(0)), Within("week", reader.GetInt64(1))];
    }

    private static Measurement<long> Within(string period, long accounts) => new(accounts, new KeyValuePair<string, object?>("period", period));

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    [LoggerMessage(5201, LogLevel.Warning, "Active accounts could not be counted: {Error}")]
    private static partial void LogNotCounted(ILogger logger, string error);
}
