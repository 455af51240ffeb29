using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http.Errors;
using Solacore.Core.Accounts;

namespace Solacore.Api.Auth;

/// <summary>How every way of signing in answers.</summary>
internal static class SignInAnswers
{
    public static Results<Ok<AuthAnswer>, ApiError> Of(SignInResult result, SessionCookies cookies, HttpResponse response)
    {
        if (result.SignedIn is { } signedIn)
        {
            return TypedResults.Ok(Welcome(signedIn, cookies, response));
        }

        var (status, code) = ErrorOf(result.Refusal!.Value);
        return ApiError.Rule(status, code);
    }

    public static AuthAnswer Welcome(SignedIn signedIn, SessionCookies cookies, HttpResponse response)
    {
        cookies.Set(response, signedIn.Tokens);
        var user = new UserAnswer(signedIn.UserId, signedIn.Email, signedIn.AuthProvider, signedIn.Locale);
        return new AuthAnswer(user, "Authentication successful", signedIn.Tokens.Access, signedIn.Tokens.Refresh, signedIn.UserId);
    }

    public static (int Status, ErrorCode Code) ErrorOf(SignInRefusal refusal) => refusal switch
    {
        SignInRefusal.InvalidCredentials => (StatusCodes.Status401Unauthorized, ErrorCode.InvalidCredentials),
        SignInRefusal.EmailAlreadyExists => (StatusCodes.Status409Conflict, ErrorCode.EmailAlreadyExists),
        SignInRefusal.DeviceLimitReached => (StatusCodes.Status403Forbidden, ErrorCode.DeviceLimitReached),
        SignInRefusal.DeviceBoundToOther => (StatusCodes.Status403Forbidden, ErrorCode.DeviceBoundToOther),
        SignInRefusal.InvalidToken => (StatusCodes.Status401Unauthorized, ErrorCode.InvalidToken),
        SignInRefusal.BetaModeDisabled => (StatusCodes.Status403Forbidden, ErrorCode.BetaModeDisabled),
        SignInRefusal.WrongIssuer => (StatusCodes.Status400BadRequest, ErrorCode.InvalidTokenIssuer),
        SignInRefusal.EmailNotVerified => (StatusCodes.Status400BadRequest, ErrorCode.EmailNotVerified),
        SignInRefusal.AccountNotLinked => (StatusCodes.Status400BadRequest, ErrorCode.OAuthAccountNotLinked),
        SignInRefusal.ProviderUnavailable => (StatusCodes.Status503ServiceUnavailable, ErrorCode.OAuthProviderUnavailable),
        SignInRefusal.CodeExchangeNotConfigured => (StatusCodes.Status401Unauthorized, ErrorCode.GoogleClientSecretNotConfigured),
        SignInRefusal.CodeExchangeFailed => (StatusCodes.Status401Unauthorized, ErrorCode.GoogleCodeExchangeFailed),
    };
}
