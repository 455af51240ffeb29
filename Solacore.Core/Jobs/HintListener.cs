using System.Security.Cryptography;
using Npgsql;
using Solacore.Core.Settings;

namespace Solacore.Core.Jobs;

/// <summary>
/// Holds the connection that delivers the hints and proves this process alive: its advisory lock is released when the
/// connection closes.
/// </summary>
internal sealed class HintListener : IAsyncDisposable
{
    private readonly NpgsqlDataSource? _direct;
    private readonly JobWorkerOptions _options;
    private readonly QueueErrors _errors;
    private readonly TimeProvider _time;
    private readonly long _lockKey = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));

    public HintListener(ConnectionSettings connections, JobWorkerOptions options, QueueErrors errors, TimeProvider time)
    {
        _direct = options.Listen && connections.DatabaseDirect is { } direct ? Open(direct) : null;
        _options = options;
        _errors = errors;
        _time = time;
    }

    /// <summary>What the connection locks; null without such a connection.</summary>
    public long? LockKey => _direct is null ? null : _lockKey;

    /// <param name="wake">Called with the lane of every hint.</param>
    /// <param name="wakeAll">Called whenever hints may have been missed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task ListenAsync(Action<string> wake, Action wakeAll, CancellationToken cancellationToken)
    {
        while (_direct is not null && !cancellationToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _direct.OpenConnectionAsync(cancellationToken);
                connection.Notification += (_, e) => wake(e.Payload);
                await using (var batch = new NpgsqlBatch(connection))
                {
                    batch.BatchCommands.Add(new NpgsqlBatchCommand("select pg_advisory_lock($1)") { Parameters = { new() { Value = _lockKey } } });
                    batch.BatchCommands.Add(new NpgsqlBatchCommand("listen " + WakeHint.ChannelName));
                    await batch.ExecuteNonQueryAsync(cancellationToken);
                }

                // Hints sent while nobody listened are lost.
                wakeAll();
                while (true)
                {
                    await connection.WaitAsync(cancellationToken);
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                _errors.Report("listen", e);
                await Task.Delay(_options.Poll, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One connection that lives as long as the process, never shared with a pool.</summary>
    private static NpgsqlDataSource Open(string direct) =>
        new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(direct) { Pooling = false, KeepAlive = 10 }.ConnectionString)
        {
            Name = "solacore-direct",
        }.Build();

    public ValueTask DisposeAsync() => _direct?.DisposeAsync() ?? ValueTask.CompletedTask;
}
