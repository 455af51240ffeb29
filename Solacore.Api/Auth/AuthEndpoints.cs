using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Accounts;
using Solacore.Core.Billing;
using Solacore.Core.Settings;
using Solacore.ServiceDefaults;

namespace Solacore.Api.Auth;

/// <summary>Signing up, in and out (contract/http-api.md section 11).</summary>
internal static partial class AuthEndpoints
{
    public static void AddAuth(this WebApplicationBuilder builder, SettingsReader settings)
    {
        builder.Services.AddAccounts(settings);
        builder.Services.AddSingleton<SessionCookies>();
        builder.Services.AddSingleton<LoginMetrics>();
        builder.Services.AddScoped<IAuthenticator, Authenticator>();
        builder.Services.AddScoped<LoginGuard>();
        builder.Services.AddSingleton<ResetMailGuard>();
    }

    public static void MapAuth(this IEndpointRouteBuilder api)
    {
        if (api.ServiceProvider.GetRequiredService<AccountOptions>().IsJwtSecretKnown)
        {
            LogKnownSecret(api.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(AuthEndpoints)));
        }

        var auth = api.MapGroup("/auth").WithTags("Accounts").NoStore().IsPriorityZero();
        auth.MapSignIn();
        auth.MapProviders();
        auth.MapPasswords();
        auth.MapDevices();
        auth.MapGet("/config/features", Features).Public();
        api.MapGet("/config/features", Features).Public().Limited(LimitName.Api).WithTags("Accounts");
        api.MapAccount();
        api.MapPushTokens();
    }

    private static void MapSignIn(this IEndpointRouteBuilder auth)
    {
        var open = auth.MapGroup("").Public();
        open.MapGet("/csrf", IssueCsrfToken);
        open.MapPost("/register", RegisterAsync).Limited(LimitName.Auth).CountsAs(LoginWay.Register)
            .Fails(StatusCodes.Status400BadRequest, ErrorCode.DeviceBoundToOther)
            .Fails(ErrorCode.EmailAlreadyExists);
        open.MapPost("/login", LoginAsync).Limited(LimitName.Auth).CountsAs(LoginWay.Password)
            .Fails(ErrorCode.InvalidCredentials, ErrorCode.DeviceLimitReached, ErrorCode.DeviceBoundToOther);
        open.MapPost("/beta-login", BetaLoginAsync).Limited(LimitName.Auth).CountsAs(LoginWay.Beta)
            .Fails(ErrorCode.BetaModeDisabled, ErrorCode.DeviceLimitReached, ErrorCode.DeviceBoundToOther);
        open.MapPost("/refresh", RefreshAsync).Limited(LimitName.Api).CountsAs(LoginWay.Refresh)
            .Fails(ErrorCode.InvalidToken, ErrorCode.MissingRefreshToken);
        open.MapPost("/logout", LogoutAsync).LimitedByHandler(LimitName.Api)
            .Fails(StatusCodes.Status401Unauthorized, ErrorCode.InvalidToken, ErrorCode.SessionNotFound, ErrorCode.SessionRevoked);
        auth.MapGet("/me", Me).Authenticated().Limited(LimitName.Api);
    }

    private static Ok<CsrfAnswer> IssueCsrfToken(HttpResponse response, SessionCookies cookies) =>
        TypedResults.Ok(new CsrfAnswer(cookies.SetCsrf(response)));

    private static async Task<Results<Created<AuthAnswer>, ApiError>> RegisterAsync(
        Body<RegisterRequest> body, Logins logins, SessionCookies cookies, HttpResponse response, CancellationToken cancellationToken)
    {
        var (email, password, fingerprint, deviceName) = body.Value;
        var result = await logins.RegisterAsync(email, password, new DeviceClaim(fingerprint, deviceName), cancellationToken);
        return result.SignedIn is { } signedIn
            ? TypedResults.Created((string?)null, SignInAnswers.Welcome(signedIn, cookies, response))
            : result.Refusal is SignInRefusal.EmailAlreadyExists
                ? ApiError.Register(StatusCodes.Status409Conflict, ErrorCode.EmailAlreadyExists)
                : ApiError.Register(StatusCodes.Status400BadRequest, SignInAnswers.ErrorOf(result.Refusal!.Value));
    }

    private static async Task<Results<Ok<AuthAnswer>, ApiError>> LoginAsync(
        Body<LoginRequest> body, Logins logins, LoginGuard guard, SessionCookies cookies, HttpContext context, CancellationToken cancellationToken)
    {
        var (email, password, fingerprint, deviceName) = body.Value;
        if (await guard.WaitAsync(context, email, fingerprint, cancellationToken) is { } wait)
        {
            return ApiError.TooSoon(wait);
        }

        var result = await logins.LoginAsync(email, password, new DeviceClaim(fingerprint, deviceName), cancellationToken);
        if (result.Refusal is not SignInRefusal.InvalidCredentials)
        {
            await guard.ForgiveAsync(context, email);
        }

        return SignInAnswers.Of(result, cookies, context.Response);
    }

    private static async Task<Results<Ok<AuthAnswer>, ApiError>> BetaLoginAsync(
        OptionalBody<BetaLoginRequest> body, BetaLogins logins, SessionCookies cookies, HttpResponse response, CancellationToken cancellationToken)
    {
        var result = await logins.LoginAsync(body.Value?.DeviceFingerprint, body.Value?.DeviceName, cancellationToken);
        return SignInAnswers.Of(result, cookies, response);
    }

    private static async Task<Results<Ok<AuthAnswer>, ApiError>> RefreshAsync(
        OptionalBody<RefreshRequest> body, Logins logins, SessionCookies cookies, HttpContext context, CancellationToken cancellationToken)
    {
        string?[] given = [context.Request.Cookies[SessionCookies.Refresh], body.Value?.RefreshToken];
        var candidates = given.OfType<string>().Where(token => token.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        return candidates.Count == 0
            ? ApiError.Rule(ErrorCode.MissingRefreshToken)
            : SignInAnswers.Of(await logins.RefreshAsync(candidates, cancellationToken), cookies, context.Response);
    }

    /// <summary>
    /// The web client calls this whenever a refresh fails and treats a 401 like any other, so a browser page of ours is
    /// always told that it is logged out, and by its refresh token it is even after the access token has expired;
    /// everybody else learns what was wrong with the token. As everywhere only a good token counts against the limit, so
    /// that many browsers behind one address are let go, too.
    /// </summary>
    private static async Task<Results<NoContent, ApiError>> LogoutAsync(
        IAuthenticator authenticator, Logins logins, RateLimiting limits, SessionCookies cookies, EdgeOptions edge, HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = context.Request;
        cookies.Clear(context.Response);
        ErrorCode? refusal = null;
        foreach (var token in Access.Tokens(request))
        {
            var outcome = await authenticator.AuthenticateAsync(token, cancellationToken);
            if (outcome.Caller is { } caller)
            {
                if (await limits.RefuseAsync(context, LimitName.Api) is { } tooMany)
                {
                    return tooMany;
                }

                await logins.EndAsync(caller.UserId, caller.SessionId, cancellationToken);
                return TypedResults.NoContent();
            }

            refusal ??= outcome.Refusal;
        }

        if (Access.HeaderToken(request) is not null || !Csrf.IsFromAllowedOrigin(request, edge.CsrfOrigins))
        {
            return ApiError.Rule(StatusCodes.Status401Unauthorized, refusal ?? ErrorCode.InvalidToken);
        }

        if (request.Cookies[SessionCookies.Refresh] is { } refresh)
        {
            await logins.EndByRefreshTokenAsync(refresh, cancellationToken);
        }

        return TypedResults.NoContent();
    }

    private static Ok<UserAnswer> Me(Caller caller) =>
        TypedResults.Ok(new UserAnswer(caller.UserId, caller.Email, caller.AuthProvider, caller.Locale));

    private static Ok<FeatureAnswer> Features(BillingOptions billing, EdgeOptions edge) =>
        TypedResults.Ok(new FeatureAnswer(billing.PaymentsEnabled, billing.BetaMode, edge.AppVersion));

    [LoggerMessage(1201, LogLevel.Warning, "JWT_SECRET is not set: tokens are signed with the development secret, which everybody can read")]
    private static partial void LogKnownSecret(ILogger logger);
}
