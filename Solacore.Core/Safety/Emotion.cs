namespace Solacore.Core.Safety;

public sealed record Emotion(string Label, double Confidence);
