using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Solacore.Core.Data;

namespace Solacore.Core.Jobs;

/// <summary>Reports the steps of the queue that failed; whoever took the step tries again later.</summary>
internal sealed partial class QueueErrors(NpgsqlDataSource dataSource, ILogger<QueueErrors> logger, TimeProvider time)
{
    /// <summary>A database that stays away fails several steps a second, always in the same way.</summary>
    private static readonly TimeSpan Reminder = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Step, string Error), long> _reported = new();

    public void Report(string step, Exception e)
    {
        if (!DatabaseErrors.IsFromDatabase(e) && e is not OperationCanceledException)
        {
            LogStepFailed(logger, step, e);
            return;
        }

        var error = ErrorClass.Of(e);
        if (!_reported.TryGetValue((step, error), out var last) || time.GetElapsedTime(last) >= Reminder)
        {
            _reported[(step, error)] = time.GetTimestamp();
            LogDatabaseFailed(logger, step, error);
        }

        if (DatabaseErrors.IsConnectionDead(e) || e.InnerException is TimeoutException)
        {
            // The idle connections of the pool are as dead, or as mute, as this one: each would fail one more step.
            dataSource.Clear();
        }
    }

    [LoggerMessage(2010, LogLevel.Warning, "The queue cannot reach the database ({Step}: {Error}); it tries again")]
    private static partial void LogDatabaseFailed(ILogger logger, string step, string error);

    [LoggerMessage(2017, LogLevel.Error, "A step of the queue failed ({Step}); it is tried again")]
    private static partial void LogStepFailed(ILogger logger, string step, Exception e);
}
