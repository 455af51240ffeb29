using Microsoft.EntityFrameworkCore;
using Npgsql;
using Solacore.Api.Http.Errors;
using Solacore.Core.Data;

namespace Solacore.Api.Http;

/// <summary>
/// The one place that catches: a client that left, a request that cannot be read, a database that is away, a session that
/// is deleted while the request changes it, and everything else. No answer ever holds more than a code and the request id.
/// </summary>
internal sealed partial class Failures(RequestDelegate next, ILogger<Failures> logger)
{
    private const int ClientClosedRequest = 499;

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (context.RequestAborted.IsCancellationRequested && e is OperationCanceledException or IOException)
        {
            // Nobody reads the answer; the status is for the access log and the metrics.
            if (!context.Response.HasStarted)
            {
                context.Response.StatusCode = ClientClosedRequest;
            }
        }
        catch (Exception e) when (context.Response.HasStarted)
        {
            LogBrokenAnswer(e, context.TraceIdentifier);
            context.Abort();
        }
        catch (BadHttpRequestException e)
        {
            Reset(context.Response);
            await Unreadable(e.StatusCode).ExecuteAsync(context);
        }
        catch (Exception e) when (DatabaseErrors.IsAway(e))
        {
            LogDatabaseAway(e, context.TraceIdentifier);

            // The idle connections of the pool are as useless as this one; otherwise each would fail one more request. Not so
            // when the server is only slow or full.
            if (DatabaseErrors.IsConnectionDead(e))
            {
                context.RequestServices.GetService<NpgsqlDataSource>()?.Clear();
            }

            Reset(context.Response);
            await ApiError.Unavailable().ExecuteAsync(context);
        }
        catch (Exception e) when (DatabaseErrors.IsDeadlock(e))
        {
            LogDeadlock(e, context.TraceIdentifier);
            Reset(context.Response);
            await ApiError.Unavailable().ExecuteAsync(context);
        }
        catch (Exception e) when (DeletedMeanwhile(e) is { } answer)
        {
            LogDeletedMeanwhile(e, context.TraceIdentifier);
            Reset(context.Response);
            await answer.ExecuteAsync(context);
        }
        catch (Exception e)
        {
            LogCrash(e, context.TraceIdentifier);
            Reset(context.Response);
            await ApiError.Crash().ExecuteAsync(context);
        }
    }

    private static ApiError Unreadable(int status) =>
        ApiError.Rule(status, status == StatusCodes.Status413PayloadTooLarge ? ErrorCode.PayloadTooLarge : ErrorCode.BadRequest);

    // Headers of the edge itself (CORS, security, request id) stay; what the handler had prepared goes.
    private static void Reset(HttpResponse response)
    {
        response.Headers.ContentLength = null;
        response.Headers.Remove("Content-Disposition");
        response.Headers.Remove("Set-Cookie");
    }

    /// <summary>
    /// What the request gets whose session or account was deleted between its look and its write: the answer of one that
    /// comes a moment later. Null for every other failure of a write.
    /// </summary>
    private static ApiError? DeletedMeanwhile(Exception exception)
    {
        // Either the changed row is gone, or the one that the new row belongs to; of that plain SQL tells without EF Core's wrapping.
        var isSession = exception.Chain()
            .Select(e => e switch
            {
                DbUpdateConcurrencyException conflict => conflict.Entries.Any(entry => entry.Entity is SolveSession or LearnSession),
                PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation, ConstraintName: { } constraint }
                    => constraint.EndsWith("_session_id", StringComparison.Ordinal),
                _ => (bool?)null,
            })
            .FirstOrDefault(known => known is not null);
        return isSession switch
        {
            true => ApiError.Rule(ErrorCode.SessionNotFound),
            false => ApiError.Rule(ErrorCode.InvalidToken),
            null => null,
        };
    }

    [LoggerMessage(1001, LogLevel.Error, "Request {RequestId} crashed")]
    private partial void LogCrash(Exception exception, string requestId);

    [LoggerMessage(1002, LogLevel.Warning, "Request {RequestId} broke after its answer had begun")]
    private partial void LogBrokenAnswer(Exception exception, string requestId);

    [LoggerMessage(1003, LogLevel.Error, "Request {RequestId} found the database away")]
    private partial void LogDatabaseAway(Exception exception, string requestId);

    [LoggerMessage(1004, LogLevel.Information, "Request {RequestId} wrote to what was deleted meanwhile")]
    private partial void LogDeletedMeanwhile(Exception exception, string requestId);

    [LoggerMessage(1005, LogLevel.Warning, "Request {RequestId} gave way in a deadlock")]
    private partial void LogDeadlock(Exception exception, string requestId);
}
