using Microsoft.Extensions.Logging;
using Npgsql;

namespace Solacore.Core.Jobs;

/// <summary>
/// Tells the workers that a lane has work, outside any business transaction: a NOTIFY inside one makes all commits of
/// the server queue up behind a single lock. Hints are coalesced to one statement in flight per process; a lost one
/// costs at most the workers' poll interval.
/// </summary>
public sealed partial class WakeHint(NpgsqlDataSource dataSource, ILogger<WakeHint> logger) : IAsyncDisposable
{
    /// <summary>Channel of LISTEN and NOTIFY; the payload is a lane's name.</summary>
    public const string ChannelName = "jobs";

    private readonly Lock _gate = new();
    private readonly HashSet<string> _lanes = new(StringComparer.Ordinal);
    private Task _sending = Task.CompletedTask;
    private bool _isSending;

    /// <summary>Call after the commit. Never waits, never throws.</summary>
    public void Signal(string lane)
    {
        lock (_gate)
        {
            _lanes.Add(lane);
            if (_isSending)
            {
                // Whoever sends looks here again.
                return;
            }

            _isSending = true;
        }

        var sending = SendAsync();
        lock (_gate)
        {
            _sending = _sending.IsCompleted ? sending : Task.WhenAll(_sending, sending);
        }
    }

    private async Task SendAsync()
    {
        while (TakeLanes() is { Length: > 0 } lanes)
        {
            try
            {
                // A notification is told after its commit, and a commit waits for the disk: this one need not outlive a crash.
                await using var command = dataSource.CreateCommand(
                    "select set_config('synchronous_commit', 'off', true), pg_notify($1, lane) from unnest($2::text[]) lane");
                command.Parameters.AddWithValue(ChannelName);
                command.Parameters.AddWithValue(lanes);
                await command.ExecuteNonQueryAsync();
            }
            catch (Exception e)
            {
                // The poll finds the work; the database's own absence is reported by whoever needs it.
                LogNotSent(logger, ErrorClass.Of(e));
            }
        }
    }

    /// <summary>What there is to tell; after an empty answer the next signal begins anew.</summary>
    private string[] TakeLanes()
    {
        lock (_gate)
        {
            string[] lanes = [.. _lanes];
            _lanes.Clear();
            _isSending = lanes.Length > 0;
            return lanes;
        }
    }

    public async ValueTask DisposeAsync() => await _sending;

    [LoggerMessage(2001, LogLevel.Debug, "A wake hint was not sent: {Error}")]
    private static partial void LogNotSent(ILogger logger, string error);
}
