using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Accounts;
using Solacore.Core.Settings;

namespace Solacore.Api.Auth;

/// <summary>Signing up, in and out (contract/http-api.md section 11).</summary>
internal static class AuthEndpoints
{
    public static void AddAuth(this WebApplicationBuilder builder, SettingsReader settings)
    {
        builder.Services.AddAccounts(settings);
        builder.Services.AddSingleton<SessionCookies>();
        builder.Services.AddScoped<IAuthenticator, Authenticator>();
    }

    public static void MapAuth(this IEndpointRouteBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Accounts").NoStore();

        var open = auth.MapGroup("").Public();
        open.MapGet("/csrf", IssueCsrfToken);
        open.MapPost("/register", RegisterAsync).Limited(LimitName.Auth)
            .Fails(StatusCodes.Status400BadRequest, ErrorCode.DeviceBoundToOther)
            .Fails(StatusCodes.Status409Conflict, ErrorCode.EmailAlreadyExists);
        open.MapPost("/login", LoginAsync).Limited(LimitName.Auth)
            .Fails(StatusCodes.Status401Unauthorized, ErrorCode.InvalidCredentials)
            .Fails(StatusCodes.Status403Forbidden, ErrorCode.DeviceLimitReached, ErrorCode.DeviceBoundToOther);
        open.MapPost("/refresh", RefreshAsync).Limited(LimitName.Api)
            .Fails(StatusCodes.Status401Unauthorized, ErrorCode.InvalidToken, ErrorCode.MissingRefreshToken);
        open.MapPost("/logout", LogoutAsync).Limited(LimitName.Api)
            .Fails(StatusCodes.Status401Unauthorized, ErrorCode.InvalidToken, ErrorCode.SessionNotFound, ErrorCode.SessionRevoked);

        var own = auth.MapGroup("").Authenticated().Limited(LimitName.Api);
        own.MapGet("/me", Me);
    }

    private static Ok<CsrfAnswer> IssueCsrfToken(HttpResponse response, SessionCookies cookies) =>
        TypedResults.Ok(new CsrfAnswer(cookies.SetCsrf(response)));

    private static async Task<Results<Created<AuthAnswer>, ApiError>> RegisterAsync(
        Body<RegisterRequest> body, Logins logins, SessionCookies cookies, HttpResponse response, CancellationToken cancellationToken)
    {
        var (email, password, fingerprint, deviceName) = body.Value;
        var result = await logins.RegisterAsync(email, password, new DeviceClaim(fingerprint, deviceName), cancellationToken);
        return result.SignedIn is { } signedIn
            ? TypedResults.Created((string?)null, Welcome(signedIn, cookies, response))
            : result.Refusal is SignInRefusal.EmailAlreadyExists
                ? ApiError.Register(StatusCodes.Status409Conflict, ErrorCode.EmailAlreadyExists)
                : ApiError.Register(StatusCodes.Status400BadRequest, CodeOf(result.Refusal));
    }

    private static async Task<Results<Ok<AuthAnswer>, ApiError>> LoginAsync(
        Body<LoginRequest> body, Logins logins, SessionCookies cookies, HttpResponse response, CancellationToken cancellationToken)
    {
        var (email, password, fingerprint, deviceName) = body.Value;
        var result = await logins.LoginAsync(email, password, new DeviceClaim(fingerprint, deviceName), cancellationToken);
        return Answer(result, cookies, response);
    }

    private static async Task<Results<Ok<AuthAnswer>, ApiError>> RefreshAsync(
        OptionalBody<RefreshRequest> body, Logins logins, SessionCookies cookies, HttpContext context, CancellationToken cancellationToken)
    {
        string?[] given = [context.Request.Cookies[SessionCookies.Refresh], body.Value?.RefreshToken];
        var candidates = given.OfType<string>().Where(token => token.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        return candidates.Count == 0
            ? ApiError.Rule(StatusCodes.Status401Unauthorized, ErrorCode.MissingRefreshToken)
            : Answer(await logins.RefreshAsync(candidates, cancellationToken), cookies, context.Response);
    }

    /// <summary>
    /// The web client calls this whenever a refresh fails and treats a 401 like any other, so a browser page of ours is
    /// always told that it is logged out; everybody else learns what was wrong with the token.
    /// </summary>
    private static async Task<Results<NoContent, ApiError>> LogoutAsync(
        IAuthenticator authenticator, Logins logins, SessionCookies cookies, EdgeOptions edge, HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = context.Request;
        var outcome = (Access.CookieToken(request) ?? Access.HeaderToken(request)) is { } token
            ? await authenticator.AuthenticateAsync(token, cancellationToken)
            : AccessOutcome.Refused(ErrorCode.InvalidToken);
        cookies.Clear(context.Response);
        if (outcome.Caller is { } caller)
        {
            await logins.EndAsync(caller.UserId, caller.SessionId, cancellationToken);
            return TypedResults.NoContent();
        }

        return Access.HeaderToken(request) is null && Csrf.IsFromAllowedOrigin(request, edge.CsrfOrigins)
            ? TypedResults.NoContent()
            : ApiError.Rule(StatusCodes.Status401Unauthorized, outcome.Refusal ?? ErrorCode.InvalidToken);
    }

    private static Ok<UserAnswer> Me(Caller caller) =>
        TypedResults.Ok(new UserAnswer(caller.UserId, caller.Email, caller.AuthProvider, caller.Locale));

    private static Results<Ok<AuthAnswer>, ApiError> Answer(SignInResult result, SessionCookies cookies, HttpResponse response) =>
        result.SignedIn is { } signedIn
            ? TypedResults.Ok(Welcome(signedIn, cookies, response))
            : ApiError.Rule(StatusOf(result.Refusal), CodeOf(result.Refusal));

    private static AuthAnswer Welcome(SignedIn signedIn, SessionCookies cookies, HttpResponse response)
    {
        cookies.Set(response, signedIn.Tokens);
        var user = new UserAnswer(signedIn.UserId, signedIn.Email, signedIn.AuthProvider, signedIn.Locale);
        return new AuthAnswer(user, "Authentication successful", signedIn.Tokens.Access, signedIn.Tokens.Refresh, signedIn.UserId);
    }

    private static int StatusOf(SignInRefusal refusal) => refusal switch
    {
        SignInRefusal.InvalidCredentials or SignInRefusal.InvalidToken => StatusCodes.Status401Unauthorized,
        SignInRefusal.DeviceLimitReached or SignInRefusal.DeviceBoundToOther => StatusCodes.Status403Forbidden,
        SignInRefusal.EmailAlreadyExists => StatusCodes.Status409Conflict,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, message: null),
    };

    private static ErrorCode CodeOf(SignInRefusal refusal) => refusal switch
    {
        SignInRefusal.InvalidCredentials => ErrorCode.InvalidCredentials,
        SignInRefusal.EmailAlreadyExists => ErrorCode.EmailAlreadyExists,
        SignInRefusal.DeviceLimitReached => ErrorCode.DeviceLimitReached,
        SignInRefusal.DeviceBoundToOther => ErrorCode.DeviceBoundToOther,
        SignInRefusal.InvalidToken => ErrorCode.InvalidToken,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, message: null),
    };
}
