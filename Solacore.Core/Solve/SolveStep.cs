using System.Text.Json.Serialization;

namespace Solacore.Core.Solve;

/// <summary>The five steps of a solve session, in their order.</summary>
public enum SolveStep
{
    Receive,
    Clarify,
    Reframe,
    Options,
    Commit,
}

/// <summary>Who speaks: the <c>primary_agent</c> of a <c>done</c> event.</summary>
public enum SolveAgent
{
    Empath,
    Clarify,
    Visionary,
    Auditor,
}

/// <summary>The sub-state of step clarify, kept in the problem profile.</summary>
public enum ClarifyState
{
    [JsonStringEnumMemberName("INIT")]
    Init,

    [JsonStringEnumMemberName("ALIGN")]
    Align,

    [JsonStringEnumMemberName("MAP")]
    Map,

    [JsonStringEnumMemberName("DIAGNOSE")]
    Diagnose,

    [JsonStringEnumMemberName("COMMIT")]
    Commit,

    [JsonStringEnumMemberName("DONE")]
    Done,
}
