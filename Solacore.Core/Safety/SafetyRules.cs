namespace Solacore.Core.Safety;

/// <summary>All rules that run over what people write.</summary>
public static class SafetyRules
{
    /// <summary>
    /// Reads the word files, which takes a good part of a second. A process does it when it starts, so that the first person
    /// who writes does not wait for it.
    /// </summary>
    public static void Load()
    {
        CrisisDetector.Detect("");
        InjectionGuard.LooksLikeInjection("");
        EmotionDetector.Detect("");
        InputCleaning.Clean("");
    }
}
