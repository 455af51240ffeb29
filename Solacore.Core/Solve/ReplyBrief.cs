namespace Solacore.Core.Solve;

/// <summary>What kind of reply is due.</summary>
public enum ReplyKind
{
    /// <summary>Names the feeling, repeats the concern, says that one goes step by step, asks what solved would look like.</summary>
    Empathy,

    /// <summary>A lead-in, then exactly one question.</summary>
    Question,

    /// <summary>The problem as a "how could I …" question, then three options, nothing after them.</summary>
    Reframe,

    /// <summary>The same three options weighed, then the question with which small action to begin one of them.</summary>
    Options,

    /// <summary>Asks for the smallest action of ten minutes that can be done today.</summary>
    AskAction,

    /// <summary>Confirms the action that was stated and says goodbye; asks nothing, because nobody can answer any more.</summary>
    Closing,

    /// <summary>Declines a message that tries to steer the assistant, neutrally and without blame.</summary>
    Refusal,
}

/// <summary>The feelings that have their own wording; all others share the neutral one.</summary>
public enum Feeling
{
    Neutral,
    Anxious,
    Sad,
    Confused,
}

/// <summary>The question that a reply asks.</summary>
public enum SolveQuestion
{
    /// <summary>What "solved" would look like, measurable if possible.</summary>
    Solved,

    /// <summary>The one or two hardest constraints.</summary>
    Constraints,

    /// <summary>What was tried and what came of it.</summary>
    Attempts,

    /// <summary>Which of the two most likely hypotheses fits better.</summary>
    Hypotheses,

    /// <summary>The smallest ten-minute action today.</summary>
    SmallestAction,
}

/// <summary>What the last message added, so that the reply can show that it was heard.</summary>
public enum Heard
{
    Nothing,
    Goal,
    Constraints,

    /// <summary>What it is about, from somebody who had begun with no more than "hi".</summary>
    Concern,

    /// <summary>Too much at once to be kept, so the same is asked again.</summary>
    TooMuch,
}

/// <summary>
/// Everything that the next reply has to contain, as data: the engine's decision, for the offline coach and the model
/// alike. Texts of the person are single lines of the cleaned text.
/// </summary>
public sealed record ReplyBrief
{
    /// <summary>Null in plain mode.</summary>
    public SolveAgent? Agent { get; init; }

    public required ReplyKind Kind { get; init; }

    /// <summary><c>en</c>, <c>es</c> or <c>zh</c>.</summary>
    public required string Locale { get; init; }

    /// <summary>The message that is answered.</summary>
    public required string UserText { get; init; }

    /// <summary>Chooses between equally good wordings, differently from one session to the next.</summary>
    public int Variation { get; init; }

    /// <summary>Messages of this session that were answered before: goes on to the next wording.</summary>
    public int Turn { get; init; }

    public Feeling Feeling { get; init; }

    /// <summary>Null also when no more than "hi" was said in its place.</summary>
    public string? Concern { get; init; }

    /// <summary>Null also when a question, or the problem itself, was said in its place.</summary>
    public string? Goal { get; init; }

    /// <summary>In the order in which they were named; the first one goes into the "how could I …" question.</summary>
    public IReadOnlyList<string> Constraints { get; init; } = [];

    public Heard Heard { get; init; }

    /// <summary>The only question of the reply; null when it asks none or restates the problem as one.</summary>
    public SolveQuestion? Question { get; init; }

    /// <summary>The two most likely hypotheses, likelier first; only with <see cref="SolveQuestion.Hypotheses"/>.</summary>
    public IReadOnlyList<Hypothesis> Hypotheses { get; init; } = [];

    /// <summary>Ids of the hypotheses that the message agrees with: none, one, or both of those that the last reply asked about.</summary>
    public IReadOnlyList<string> Suspected { get; init; } = [];

    /// <summary>Three for <see cref="ReplyKind.Reframe"/> and <see cref="ReplyKind.Options"/>, else none.</summary>
    public IReadOnlyList<SolveOption> Options { get; init; } = [];

    /// <summary>The option (0–2) that the message picked, when it clearly picked one.</summary>
    public int? ChosenOption { get; init; }

    /// <summary>The action that closes the session.</summary>
    public string? Action { get; init; }

    /// <summary>The mobile client turns the last lines of this reply into cards: see <see cref="OptionsText"/>.</summary>
    public bool MovesIntoOptions { get; init; }
}
