using Solacore.Core.Settings;

namespace Solacore.Core.Solve;

/// <summary>How solve behaves.</summary>
/// <param name="Orchestrated">Agents by step (the default); off: one plain reply per step.</param>
/// <param name="BlockInjection">A text that looks like a prompt injection is refused; off: it is cleaned and flagged.</param>
public sealed record SolveOptions(bool Orchestrated, bool BlockInjection)
{
    public static SolveOptions Read(SettingsReader reader) => new(
        reader.Bool("ENABLE_MULTI_AGENT_ORCHESTRATION", true),
        reader.OneOf("PROMPT_INJECTION_POLICY", "warn", "warn", "block") == "block");
}
