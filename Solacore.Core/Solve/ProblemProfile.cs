using System.Text.Json;
using System.Text.Json.Serialization;

namespace Solacore.Core.Solve;

/// <summary>
/// What is known about one person's problem: the document of contract/domain.md 5.4, one per solve session, never
/// sent to clients. Values only; every change makes a new document.
/// </summary>
public sealed record ProblemProfile
{
    public const string CurrentSchema = "v1";
    public const int MaxAgentRuns = 50;
    public const int MaxLastQuestions = 20;
    public const int MaxClarifyTurns = 10;
    public const int MaxEntries = 20;

    public Guid SessionId { get; init; }

    public Guid UserId { get; init; }

    public ProfileMeta Meta { get; init; } = new();

    /// <summary>One of work, career, relationship, health, finance, tech, other.</summary>
    public string Domain { get; init; } = "other";

    public string? CoreConcernSummary { get; init; }

    public string? UserGoal { get; init; }

    public IReadOnlyList<string> SuccessCriteria { get; init; } = [];

    public IReadOnlyList<string> Constraints { get; init; } = [];

    public IReadOnlyList<string> Attempts { get; init; } = [];

    /// <summary>Options that a model worked out for this person; empty while the written ones are used.</summary>
    public IReadOnlyList<SolveOption> Options { get; init; } = [];

    public ProfileEmotion? Emotion { get; init; }

    public IReadOnlyList<Hypothesis> Hypotheses { get; init; } = [];

    public IReadOnlyList<InfoGap> InfoGaps { get; init; } = [];

    /// <summary>Keys of the questions that were asked, oldest first, at most <see cref="MaxLastQuestions"/>.</summary>
    public IReadOnlyList<string> LastQuestions { get; init; } = [];

    /// <summary>One entry per answered message, oldest first, at most <see cref="MaxAgentRuns"/>.</summary>
    public IReadOnlyList<AgentRun> AgentRuns { get; init; } = [];

    public static ProblemProfile Empty(Guid sessionId, Guid userId) => new() { SessionId = sessionId, UserId = userId };

    /// <summary>Reads a stored document; one that cannot be read is replaced by an empty one with the same ids.</summary>
    public static ProblemProfile Parse(string? json, Guid sessionId, Guid userId)
    {
        var stored = Read(json);
        if (stored is null)
        {
            return Empty(sessionId, userId);
        }

        return stored with
        {
            SessionId = sessionId,
            UserId = userId,
            Meta = stored.Meta with { ClarifyTurnIndex = Math.Clamp(stored.Meta.ClarifyTurnIndex, 0, MaxClarifyTurns) },
            LastQuestions = [.. stored.LastQuestions.TakeLast(MaxLastQuestions)],
            AgentRuns = [.. stored.AgentRuns.TakeLast(MaxAgentRuns)],
        };
    }

    public string ToJson() => JsonSerializer.Serialize(this, ProfileJson.Strict);

    /// <summary>
    /// Adds what a model read out of the message beside the reply. The decision about the message is made by then: this
    /// helps the next one.
    /// </summary>
    /// <param name="before">The profile before the message.</param>
    /// <param name="step">The step at which it was said. The first reply asks for the goal, so only the answer tells it.</param>
    public ProblemProfile WithReading(ProblemProfile before, SolveStep step, ProfileUpdate reading) => Clarification.WithReading(
        before, this, step == SolveStep.Receive ? reading with { Goal = null, SuccessCriteria = null } : reading);

    /// <summary>Writes what the reply took into the run of the last message, which the engine opened with zeros.</summary>
    /// <param name="latencyMs">From the engine's decision to the end of the reply, in milliseconds.</param>
    /// <param name="tokens">Input and output tokens together; 0 for the offline coach.</param>
    public ProblemProfile WithLastRunMeasured(int latencyMs, int tokens) => AgentRuns.Count == 0
        ? this
        : this with { AgentRuns = [.. AgentRuns.SkipLast(1), AgentRuns[^1] with { LatencyMs = latencyMs, TokenUsage = tokens }] };

    /// <summary>Keeps the options as a reply has shown them, unless they are those that the next reply would show by itself.</summary>
    internal ProblemProfile WithShown(IReadOnlyList<SolveOption> shown, IReadOnlyList<SolveOption> offered) =>
        shown.SequenceEqual(offered) ? this : this with { Options = shown };

    internal ProblemProfile WithRun(AgentRun run) => this with { AgentRuns = [.. AgentRuns.Append(run).TakeLast(MaxAgentRuns)] };

    internal ProblemProfile WithQuestion(string key) => this with { LastQuestions = [.. LastQuestions.Append(key).TakeLast(MaxLastQuestions)] };

    private static ProblemProfile? Read(string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return null;
        }

        try
        {
            var stored = JsonSerializer.Deserialize<ProblemProfile>(json, ProfileJson.Strict);
            return stored?.Meta.SchemaVersion == CurrentSchema && !stored.HasHoles() ? stored : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Nullability is enforced for members while reading, but not for the entries of a list.</summary>
    private bool HasHoles() =>
        new IEnumerable<object?>[] { SuccessCriteria, Constraints, Attempts, Options, Hypotheses, InfoGaps, LastQuestions, AgentRuns }
            .Any(list => list.Contains(null))
        || Options.Any(option => option.Pros.Contains(null) || option.Cons.Contains(null));
}

public sealed record ProfileMeta
{
    public string SchemaVersion { get; init; } = ProblemProfile.CurrentSchema;

    public string Mode { get; init; } = "solve";

    public DateTimeOffset? LastUpdatedAt { get; init; }

    public ClarifyState ClarifyState { get; init; } = ClarifyState.Init;

    /// <summary>Messages answered at step clarify, 0–10.</summary>
    public int ClarifyTurnIndex { get; init; }
}

/// <summary>The feeling of the first message: confidence 0–1, intensity 1–5.</summary>
public sealed record ProfileEmotion(string Label, double Confidence, [property: JsonPropertyName("intensity_1_5")] int Intensity);

/// <summary>One possible reason why the person is stuck; confidence 0–1, the three together need not make 1.</summary>
public sealed record Hypothesis(string Id, string Statement, string Type, double Confidence, IReadOnlyList<string> TestsNeeded);

/// <summary>Something still unknown; the four weights are 0–1.</summary>
public sealed record InfoGap(string Key, bool Missing, double Importance, double Urgency, double Answerability, double EstimatedCost);

/// <summary>
/// One answered message. The agent is null in plain mode, where none is named; latency in milliseconds; the notes are
/// the auditor's flags, separated by commas, empty without any.
/// </summary>
public sealed record AgentRun(SolveAgent? Agent, DateTimeOffset StartedAt, int LatencyMs, int TokenUsage, string Notes);

/// <summary>One way forward. All texts are single lines.</summary>
public sealed record SolveOption(string Title, string Description, IReadOnlyList<string> Pros, IReadOnlyList<string> Cons);

/// <summary>
/// How documents are written and read. By reflection: the source generator forgets the defaults of members that a
/// stored document lacks.
/// </summary>
internal static class ProfileJson
{
    /// <summary>Our own document: whatever is not as written by us makes it unreadable.</summary>
    public static readonly JsonSerializerOptions Strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new EnumNameJson<ClarifyState>(), new EnumNameJson<SolveAgent>() },
    };

    /// <summary>A model's answer: what is missing or null is found out by its validation.</summary>
    public static readonly JsonSerializerOptions Lenient = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}

/// <summary>An enum by its name, which has to be exactly as it is written.</summary>
internal sealed class EnumNameJson<T> : JsonConverter<T>
    where T : struct, Enum
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && EnumNames.TryParse(reader.GetString(), out T value)
            ? value
            : throw new JsonException($"Unknown {typeof(T).Name}.");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Name());
}
