using Solacore.Api.Http.Requests;

namespace Solacore.Api.Auth;

internal sealed record RegisterRequest(
    [Email] string Email,
    [Password] string Password,
    [Length(1, 255), Private] string DeviceFingerprint,
    [Length(0, 255)] string? DeviceName = null);

/// <summary>An old password may be weaker than the rules of today, so its form is not checked.</summary>
internal sealed record LoginRequest(
    [Email] string Email,
    [Private] string Password,
    [Length(1, 255), Private] string DeviceFingerprint,
    [Length(0, 255)] string? DeviceName = null);

internal sealed record BetaLoginRequest(
    [Length(1, 255), Private] string? DeviceFingerprint = null,
    [Length(0, 255)] string? DeviceName = null);

/// <summary>A client that asked the provider for a nonce sends it, and then it has to be in the token.</summary>
internal sealed record ProviderRequest(
    [Private] string IdToken,
    [Length(1, 255), Private] string DeviceFingerprint,
    [Length(0, 255)] string? DeviceName = null,
    [Length(1, 255), Private] string? Nonce = null);

/// <summary>An empty fingerprint is none, as a query cannot tell the two apart.</summary>
internal sealed record GoogleCodeRequest(
    [Length(1, 2048), Private] string Code,
    [Length(0, 255), Private] string? DeviceFingerprint = null,
    [Length(0, 255)] string? DeviceName = null);

internal sealed record RefreshRequest([Private] string RefreshToken);

internal sealed record ForgotPasswordRequest([Email] string Email);

internal sealed record ResetPasswordRequest([Private] string Token, [Password] string NewPassword);

internal sealed record MessageAnswer(string Message);

internal sealed record CsrfAnswer(string CsrfToken);

internal sealed record UserAnswer(Guid Id, string Email, string AuthProvider, string Locale);

internal sealed record AuthAnswer(UserAnswer User, string Message, string AccessToken, string RefreshToken, Guid UserId);

/// <summary>The phone reads <c>device_name</c> and <c>last_active_at</c>, the browser <c>name</c> and <c>last_seen</c>.</summary>
internal sealed record DeviceAnswer(
    Guid Id,
    string? DeviceName,
    string? Name,
    string? Platform,
    DateTimeOffset? LastActiveAt,
    DateTimeOffset? LastSeen,
    DateTimeOffset CreatedAt,
    bool IsActive,
    bool IsCurrent);

internal sealed record LoginAnswer(
    Guid Id, Guid DeviceId, string? DeviceName, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, bool IsCurrent);

/// <summary>What clients switch on and off at their start.</summary>
internal sealed record FeatureAnswer(bool PaymentsEnabled, bool BetaMode, string AppVersion);
