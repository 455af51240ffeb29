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

internal sealed record RefreshRequest([Private] string RefreshToken);

internal sealed record CsrfAnswer(string CsrfToken);

internal sealed record UserAnswer(Guid Id, string Email, string AuthProvider, string Locale);

internal sealed record AuthAnswer(UserAnswer User, string Message, string AccessToken, string RefreshToken, Guid UserId);
