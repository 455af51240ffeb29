using System.Text.Json.Serialization;
using Solacore.Api.Http.Requests;
using Solacore.Core;
using Solacore.Core.Data;
using Solacore.Core.Language;
using Solacore.Core.Learn;
using Solacore.Core.Turns;

namespace Solacore.Api.Learn;

internal sealed record LearnStartRequest(string Mode = "quick");

internal sealed record LearnReadRequest(bool IncludeMessages = true);

internal sealed record LearnChangeRequest(string? CurrentStep = null, string? Status = null);

internal sealed record LearnSendRequest(
    [Length(1, 4000, Trimmed = true), Private] string Content, string? Step = null, string? Tool = null);

internal sealed record LearnPathRequest(
    LearnMode Mode, [AtMost(100)] IReadOnlyList<string>? SelectedTools = null, [AtMost(100)] IReadOnlyList<string>? PreferredOrder = null);

internal sealed record LearnToolRequest(string Tool);

internal sealed record LearnStartAnswer(Guid SessionId, string Status, string CurrentStep, DateTimeOffset CreatedAt);

internal sealed record LearnListAnswer(IReadOnlyList<LearnListItem> Sessions, int Total, int Limit, int Offset);

internal sealed record LearnListItem(Guid Id, string Status, string CurrentStep, string? Topic, DateTimeOffset CreatedAt, string? FirstMessage)
{
    private const int ShownLength = 50;

    public static LearnListItem Of(LearnListed listed) => new(
        listed.Session.Id,
        listed.Session.Status.Name(),
        listed.Session.CurrentStep,
        listed.Session.Topic,
        listed.Session.CreatedAt,
        listed.FirstMessage is { } text ? Wording.Shorten(text, ShownLength) : null);
}

internal sealed record LearnToolsAnswer(IReadOnlyList<LearnTool> Tools);

internal sealed record LearnPathAnswer(Guid SessionId, string Mode, string? CurrentTool, IReadOnlyList<string> ToolPlan);

internal sealed record LearnToolAnswer(Guid SessionId, string? CurrentTool, IReadOnlyList<string> ToolPlan);

internal sealed record LearnProgressAnswer(
    Guid SessionId, string Mode, string? CurrentTool, IReadOnlyList<string> ToolPlan, IReadOnlyList<string> CompletedTools, int ProgressPercentage)
{
    public static LearnProgressAnswer Of(LearnSession session)
    {
        var (completed, percentage) = LearnPlan.Progress(session.ToolPlan, session.CurrentTool);
        return new LearnProgressAnswer(session.Id, session.LearningMode, session.CurrentTool, session.ToolPlan, completed, percentage);
    }
}

/// <summary>A session in full; members without a value are <c>null</c>.</summary>
internal sealed record LearnAnswer(
    Guid Id,
    string Status,
    string CurrentStep,
    string? Topic,
    IReadOnlyList<string>? KeyConcepts,
    ReviewSchedule? ReviewSchedule,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CompletedAt,
    IReadOnlyList<LearnMessageAnswer> Messages,
    string LearningMode,
    string? CurrentTool,
    IReadOnlyList<string> ToolPlan,
    string? LearningSummary)
{
    /// <summary>A reply that is still on its way: its events are at <c>…/turns/{id}/events</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UnfinishedTurn? ActiveTurn { get; init; }

    public static LearnAnswer Of(LearnView view)
    {
        var session = view.Session;
        return new LearnAnswer(
            session.Id,
            session.Status.Name(),
            session.CurrentStep,
            session.Topic,
            session.KeyConcepts,
            ReviewSchedule.Parse(session.ReviewSchedule),
            session.CreatedAt,
            session.CompletedAt,
            [.. view.Messages.Select(m => new LearnMessageAnswer(m.Id, m.Role.Name(), m.Content, m.Step, m.Tool, m.CreatedAt))],
            session.LearningMode,
            session.CurrentTool,
            session.ToolPlan,
            session.LearningSummary)
        {
            ActiveTurn = view.ActiveTurn,
        };
    }
}

internal sealed record LearnMessageAnswer(Guid Id, string Role, string Content, string? Step, string? Tool, DateTimeOffset CreatedAt);
