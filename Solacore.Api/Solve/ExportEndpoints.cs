using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core;
using Solacore.Core.Data;
using Solacore.Core.Language;
using Solacore.Core.Solve;

namespace Solacore.Api.Solve;

/// <summary>Sessions as files (contract/http-api.md 12.5 and 12.8).</summary>
internal static class ExportEndpoints
{
    public static void MapExports(this IEndpointRouteBuilder sessions)
    {
        // The literal segment wins over the parameter, so "all" never reaches the route below.
        sessions.MapGet("/all/export", ExportAllAsync).Limited(LimitName.Api);
        sessions.MapGet("/{session_id}/export", ExportAsync).Limited(LimitName.Api)
            .Fails(ErrorCode.SessionNotFound);
    }

    private static async Task<Results<Download, ApiError>> ExportAsync(
        PathId sessionId,
        Query<ExportRequest> query,
        Caller caller,
        SolacoreDb db,
        TimeProvider time,
        HttpRequest request,
        CancellationToken cancellationToken)
    {
        if (await SessionExports.ReadAsync(db, caller.UserId, sessionId, cancellationToken) is not { } export)
        {
            return ApiError.Rule(ErrorCode.SessionNotFound);
        }

        var name = SessionExport.FileName(export.FirstMessage, export.Session.CreatedAt);
        if (query.Value.Format == ExportFormat.Json)
        {
            return Download.Json(name, ExportAnswer.Of(export.Session));
        }

        var locale = ReplyLocale.Choose(export.Locale, request.Headers.AcceptLanguage, export.FirstMessage, caller.Locale);
        return Download.Markdown(name, SessionExport.Markdown(export.Session, locale, time.GetUtcNow()));
    }

    private static async Task<Download> ExportAllAsync(
        Query<ExportAllRequest> query, Caller caller, SolacoreDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        var wanted = query.Value;
        var now = time.GetUtcNow();
        var filter = new SessionFilter(
            wanted.Status.ToSolve(),
            SessionListEndpoints.Tags(wanted.Tags),
            wanted.StartDate is { } start ? new DateTimeOffset(start, TimeOnly.MinValue, TimeSpan.Zero) : null,
            wanted.EndDate is { } end ? new DateTimeOffset(end, TimeOnly.MaxValue, TimeSpan.Zero) : null);
        var sessions = await SessionExports.ListAsync(db, caller.UserId, filter, cancellationToken);
        var name = $"sessions_export_{FileTime(now)}";
        return wanted.Format == TableFormat.Csv
            ? Download.Csv(name, Table(sessions))
            : Download.Json(name, new ExportAllAnswer(now, sessions.Count, AnswersAsync(db, sessions, cancellationToken)));
    }

    /// <summary>The time in the name of a file, such as <c>20261123_101500</c>.</summary>
    public static string FileTime(DateTimeOffset now) => now.UtcDateTime.ToString("yyyyMMdd_HHmmss", CultureInfo.InvariantCulture);

    private static Csv Table(IReadOnlyList<CountedSession> sessions)
    {
        var table = new Csv().Row(
            "Session ID", "Status", "Current Step", "Created At", "Completed At", "Tags",
            "First Step Action", "Action Completed", "Action Completed At", "Message Count");
        foreach (var (session, messages) in sessions)
        {
            table.Row(
                session.Id, session.Status, session.CurrentStep, session.CreatedAt, session.CompletedAt, string.Join(", ", session.Tags),
                session.FirstStepAction, session.ActionCompleted, session.ActionCompletedAt, messages);
        }

        return table;
    }

    private static async IAsyncEnumerable<CountedExportAnswer> AnswersAsync(
        SolacoreDb db, IReadOnlyList<CountedSession> sessions, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var session in SessionExports.WithMessagesAsync(db, sessions.Select(one => one.Session), cancellationToken))
        {
            yield return CountedExportAnswer.Of(session);
        }
    }
}

internal enum ExportFormat
{
    Markdown,
    Json,
}

internal enum TableFormat
{
    Json,
    Csv,
}

internal sealed record ExportRequest(ExportFormat Format = ExportFormat.Markdown);

internal sealed record ExportAllRequest(
    TableFormat Format = TableFormat.Json,
    DateOnly? StartDate = null,
    DateOnly? EndDate = null,
    StatusFilter? Status = null,
    string? Tags = null);

internal sealed record ExportMessage(Guid Id, string Role, string Content, DateTimeOffset CreatedAt)
{
    public static IReadOnlyList<ExportMessage> Of(ExportedSession session) =>
        [.. session.Messages.Select(m => new ExportMessage(m.Id, m.Role.Name(), m.Content, m.CreatedAt))];
}

internal sealed record ExportAnswer(
    Guid Id,
    string Status,
    string CurrentStep,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt,
    IReadOnlyList<string> Tags,
    string? FirstStepAction,
    bool ActionCompleted,
    DateTimeOffset? ActionCompletedAt,
    IReadOnlyList<ExportMessage> Messages)
{
    public static ExportAnswer Of(ExportedSession session) => new(
        session.Id, session.Status, session.CurrentStep, session.CreatedAt, session.CompletedAt, session.Tags,
        session.FirstStepAction, session.ActionCompleted, session.ActionCompletedAt, ExportMessage.Of(session));
}

internal sealed record CountedExportAnswer(
    Guid Id,
    string Status,
    string CurrentStep,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt,
    IReadOnlyList<string> Tags,
    string? FirstStepAction,
    bool ActionCompleted,
    DateTimeOffset? ActionCompletedAt,
    int MessageCount,
    IReadOnlyList<ExportMessage> Messages)
{
    public static CountedExportAnswer Of(ExportedSession session) => new(
        session.Id, session.Status, session.CurrentStep, session.CreatedAt, session.CompletedAt, session.Tags,
        session.FirstStepAction, session.ActionCompleted, session.ActionCompletedAt, session.Messages.Count, ExportMessage.Of(session));
}

/// <summary>The sessions are read while they are written, so that the size of an export does not matter.</summary>
internal sealed record ExportAllAnswer(DateTimeOffset ExportTime, int TotalSessions, IAsyncEnumerable<CountedExportAnswer> Sessions);
