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

        return ApiError.Rule(ErrorOf(result.Refusal!.Value));
    }

    public static AuthAnswer Welcome(SignedIn signedIn, SessionCookies cookies, HttpResponse response)
    {
        cookies.Set(response, signedIn.Tokens);
        var user = new UserAnswer(signedIn.UserId, signedIn.Email, signedIn.AuthProvider, signedIn.Locale);
        return new AuthAnswer(user, "Authentication successful", signedIn.Tokens.Access, signedIn.Tokens.Refresh, signedIn.UserId);
    }

    public static ErrorCode ErrorOf(SignInRefusal refusal) => refusal switch
    {
        SignInRefusal.InvalidCredentials => ErrorCode.InvalidCredentials,
        SignInRefusal.EmailAlreadyExists => ErrorCode.EmailAlreadyExists,
        SignInRefusal.DeviceLimitReached => ErrorCode.DeviceLimitReached,
        SignInRefusal.DeviceBoundToOther => ErrorCode.DeviceBoundToOther,
        SignInRefusal.InvalidToken => ErrorCode.InvalidToken,
        SignInRefusal.BetaModeDisabled => ErrorCode.BetaModeDisabled,
        SignInRefusal.WrongIssuer => ErrorCode.InvalidTokenIssuer,
        SignInRefusal.EmailNotVerified => ErrorCode.EmailNotVerified,
        SignInRefusal.AccountNotLinked => ErrorCode.OAuthAccountNotLinked,
        SignInRefusal.ProviderUnavailable => ErrorCode.OAuthProviderUnavailable,
        SignInRefusal.CodeExchangeNotConfigured => ErrorCode.GoogleClientSecretNotConfigured,
        SignInRefusal.CodeExchangeFailed => ErrorCode.GoogleCodeExchangeFailed,
    };
}
