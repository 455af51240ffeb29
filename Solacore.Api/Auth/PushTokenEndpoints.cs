using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using Solacore.Api.Http;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Push;

namespace Solacore.Api.Auth;

/// <summary>Notifications for the caller's own device.</summary>
internal static class PushTokenEndpoints
{
    public static void MapPushTokens(this IEndpointRouteBuilder api)
    {
        var own = api.MapGroup("/devices").WithTags("Accounts").NoStore().Authenticated().Limited(LimitName.Api);
        own.MapPut("/push-token", SetAsync);
        own.MapDelete("/push-token", ClearAsync);
    }

    private static async Task<NoContent> SetAsync(Body<PushTokenRequest> body, Caller caller, PushTokens tokens, CancellationToken cancellationToken)
    {
        await tokens.SetAsync(caller.DeviceId, body.Value.Token, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> ClearAsync(Caller caller, PushTokens tokens, CancellationToken cancellationToken)
    {
        await tokens.ClearAsync(caller.DeviceId, cancellationToken);
        return TypedResults.NoContent();
    }
}

/// <param name="Token">What the app got from Expo's push service.</param>
internal sealed record PushTokenRequest([ExpoPushToken, Private] string Token);

/// <summary>A push token by <see cref="PushToken"/>.</summary>
internal sealed class ExpoPushTokenAttribute : RuleAttribute
{
    public override Problem? Check(object value) =>
        PushToken.IsValid((string)value) ? null : Problem.Of("Value error, Push token should look like ExponentPushToken[...]");

    public override void Describe(OpenApiSchema schema) => schema.MaxLength = PushToken.MaxLength;
}
