using System.Diagnostics;
using System.Reflection;
using Solacore.Api.Http.Errors;
using Solacore.ServiceDefaults;

namespace Solacore.Api.Http;

/// <summary>The person behind an authenticated request, as the database knew them a moment ago; session and device are those of the login.</summary>
internal sealed record Caller(Guid UserId, Guid SessionId, Guid DeviceId, string Email, string AuthProvider, string Locale)
{
    public static ValueTask<Caller> BindAsync(HttpContext context, ParameterInfo _) =>
        ValueTask.FromResult(context.Features.Get<Caller>()
            ?? throw new InvalidOperationException("The endpoint takes a caller but is not marked as authenticated."));
}

/// <summary>Either a caller or the reason why there is none.</summary>
internal readonly record struct AccessOutcome(Caller? Caller, ErrorCode? Refusal)
{
    public static AccessOutcome Granted(Caller caller) => new(caller, null);

    public static AccessOutcome Refused(ErrorCode code) => new(null, code);
}

/// <summary>Turns access tokens into callers.</summary>
internal interface IAuthenticator
{
    /// <summary>Checks the token and its login against the database.</summary>
    ValueTask<AccessOutcome> AuthenticateAsync(string token, CancellationToken cancellationToken);

    /// <summary>The user named by a token that verifies by itself, without a look at the database; null otherwise.</summary>
    ValueTask<Guid?> FindSubjectAsync(string token);
}

/// <summary>Every endpoint says who may call it; see <see cref="Access.RequireDeclaredAccess"/>.</summary>
internal sealed record AccessMetadata(bool IsAuthenticated);

internal static class Access
{
    public const string Cookie = "access_token";

    private const string Scheme = "Bearer ";

    /// <summary>Anybody may call; the handler checks what has to be checked.</summary>
    public static TBuilder Public<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessMetadata(IsAuthenticated: false));

    /// <summary>401 before anything of the request is validated, unless the access token and its login are good.</summary>
    public static TBuilder Authenticated<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new AccessMetadata(IsAuthenticated: true));

    /// <summary>Stops the start when an endpoint was mapped without saying who may call it.</summary>
    public static void RequireDeclaredAccess(this IEndpointConventionBuilder group) => group.Finally(endpoint =>
    {
        if (!endpoint.Metadata.OfType<AccessMetadata>().Any())
        {
            throw new InvalidOperationException($"{endpoint.DisplayName} is neither Public() nor Authenticated().");
        }
    });

    public static IApplicationBuilder UseAccess(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AccessMetadata>() is { IsAuthenticated: true })
        {
            var outcome = FindToken(context.Request) is { } token
                ? await context.RequestServices.GetRequiredService<IAuthenticator>().AuthenticateAsync(token, context.RequestAborted)
                : AccessOutcome.Refused(ErrorCode.InvalidToken);
            if (outcome.Caller is null)
            {
                var code = outcome.Refusal ?? ErrorCode.InvalidToken;
                await ApiError.Rule(StatusCodes.Status401Unauthorized, code).ExecuteAsync(context);
                return;
            }

            context.Features.Set(outcome.Caller);
            Activity.Current?.SetCustomProperty(ErrorReports.UserIdProperty, outcome.Caller.UserId);
        }

        await next(context);
    });

    /// <summary>The header wins even when it is wrong; without the scheme its whole value is the token.</summary>
    private static string? FindToken(HttpRequest request) => HeaderToken(request) ?? CookieToken(request);

    /// <summary>What both carriers hold, the cookie's first, for who takes either.</summary>
    public static IEnumerable<string> Tokens(HttpRequest request) => new[] { CookieToken(request), HeaderToken(request) }.OfType<string>();

    public static string? HeaderToken(HttpRequest request) =>
        BearerToken(request) ?? (request.Headers.Authorization.ToString() is { Length: > 0 } header ? header : null);

    /// <summary>What follows the scheme, perhaps nothing; null without exactly this scheme.</summary>
    public static string? BearerToken(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.Ordinal) ? header[Scheme.Length..] : null;
    }

    private static string? CookieToken(HttpRequest request) =>
        request.Cookies[Cookie] is { Length: > 0 } token ? token : null;
}
