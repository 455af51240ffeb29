using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Accounts;

namespace Solacore.Api.Auth;

/// <summary>Signing in through Google and Apple.</summary>
internal static class ProviderEndpoints
{
    private const int FingerprintPrefix = 8;

    public static void MapProviders(this IEndpointRouteBuilder auth)
    {
        var providers = auth.MapGroup("").Public().Limited(LimitName.OAuth)
            .Fails(ErrorCode.InvalidToken, ErrorCode.DeviceLimitReached, ErrorCode.DeviceBoundToOther)
            .Fails(ErrorCode.EmailAlreadyExists, ErrorCode.OAuthProviderUnavailable);
        foreach (var path in new[] { "/oauth/google", "/google" })
        {
            providers.MapPost(path, GoogleAsync).CountsAs(LoginWay.Google)
                .Fails(ErrorCode.InvalidTokenIssuer, ErrorCode.EmailNotVerified);
        }

        foreach (var path in new[] { "/oauth/apple", "/apple" })
        {
            providers.MapPost(path, AppleAsync).CountsAs(LoginWay.Apple)
                .Fails(ErrorCode.OAuthAccountNotLinked);
        }

        providers.MapPost("/oauth/google/code", GoogleCodeAsync).CountsAs(LoginWay.Google)
            .Fails(ErrorCode.InvalidTokenIssuer, ErrorCode.EmailNotVerified)
            .Fails(ErrorCode.GoogleClientSecretNotConfigured, ErrorCode.GoogleCodeExchangeFailed, ErrorCode.GoogleTokenInvalid);
    }

    private static async Task<Results<Ok<AuthAnswer>, ApiError>> GoogleAsync(
        Body<ProviderRequest> body, ProviderLogins logins, SessionCookies cookies, HttpResponse response, CancellationToken cancellationToken)
    {
        var (token, fingerprint, deviceName, nonce) = body.Value;
        var result = await logins.GoogleAsync(token, nonce, new DeviceClaim(fingerprint, deviceName), cancellationToken);
        return SignInAnswers.Of(result, cookies, response);
    }

    private static async Task<Results<Ok<AuthAnswer>, ApiError>> AppleAsync(
        Body<ProviderRequest> body, ProviderLogins logins, SessionCookies cookies, HttpResponse response, CancellationToken cancellationToken)
    {
        var (token, fingerprint, deviceName, nonce) = body.Value;
        var result = await logins.AppleAsync(token, nonce, new DeviceClaim(fingerprint, deviceName), cancellationToken);
        return SignInAnswers.Of(result, cookies, response);
    }

    private static async Task<Results<Ok<AuthAnswer>, ApiError>> GoogleCodeAsync(
        Query<GoogleCodeRequest> query, ProviderLogins logins, SessionCookies cookies, HttpResponse response, CancellationToken cancellationToken)
    {
        var (code, fingerprint, deviceName) = query.Value;
        var isMadeUp = string.IsNullOrEmpty(fingerprint);
        var device = new DeviceClaim(isMadeUp ? FingerprintOf(code) : fingerprint!, deviceName ?? "Web Browser", isMadeUp);
        var result = await logins.GoogleCodeAsync(code, device, cancellationToken);
        return result.Refusal is SignInRefusal.InvalidToken
            ? ApiError.Rule(ErrorCode.GoogleTokenInvalid)
            : SignInAnswers.Of(result, cookies, response);
    }

    // Whole characters: half of one is no text that the database takes.
    private static string FingerprintOf(string code) => $"web-{string.Concat(code.EnumerateRunes().Take(FingerprintPrefix))}";
}
