using Solacore.Core.Settings;

namespace Solacore.Core.Push;

/// <summary>The service that brings notifications to phones.</summary>
public sealed record PushOptions
{
    // A record prints its members; secrets must never reach a log line.
    public override string ToString() => nameof(PushOptions);

    /// <summary>Off: nobody gets notifications, and tokens are kept for the day on which it is on.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Where Expo's push service answers.</summary>
    public required string BaseUrl { get; init; }

    /// <summary>Needed when the Expo project demands it ("enhanced security"); empty otherwise.</summary>
    public required string AccessToken { get; init; }

    /// <summary><c>PUSH_ENABLED</c> (off), <c>EXPO_BASE_URL</c> (https://exp.host), <c>EXPO_ACCESS_TOKEN</c> (empty).</summary>
    public static PushOptions Read(SettingsReader reader) => new()
    {
        Enabled = reader.Bool(SettingNames.PushEnabled, false),
        BaseUrl = reader.Url("EXPO_BASE_URL", "https://exp.host"),
        AccessToken = reader.Text(SettingNames.ExpoAccessToken),
    };
}
