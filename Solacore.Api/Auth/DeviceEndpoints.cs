using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Accounts;

namespace Solacore.Api.Auth;

/// <summary>The caller's devices and logins.</summary>
internal static class DeviceEndpoints
{
    public static void MapDevices(this IEndpointRouteBuilder auth)
    {
        var own = auth.MapGroup("").Authenticated().Limited(LimitName.Api);
        own.MapGet("/devices", ListDevicesAsync);
        own.MapDelete("/devices/{device_id}", RemoveDeviceAsync)
            .Fails(ErrorCode.CannotRemoveCurrentDevice, ErrorCode.DeviceNotFound, ErrorCode.RemovalLimitExceeded);
        own.MapGet("/sessions", ListLoginsAsync);
        own.MapDelete("/sessions/{session_id}", EndLoginAsync)
            .Fails(ErrorCode.SessionNotFound);
    }

    private static async Task<Ok<List<DeviceAnswer>>> ListDevicesAsync(Caller caller, Devices devices, CancellationToken cancellationToken)
    {
        var list = await devices.ListAsync(caller.UserId, cancellationToken);
        return TypedResults.Ok(list.ConvertAll(device => new DeviceAnswer(
            device.Id,
            device.DeviceName,
            device.DeviceName,
            device.Platform,
            device.LastActiveAt,
            device.LastActiveAt,
            device.CreatedAt,
            device.IsActive,
            IsCurrent: device.Id == caller.DeviceId)));
    }

    private static async Task<Results<NoContent, ApiError>> RemoveDeviceAsync(
        PathId deviceId, DeviceFingerprint fingerprint, Caller caller, Devices devices, CancellationToken cancellationToken) =>
        await devices.RemoveAsync(caller.UserId, deviceId, fingerprint.Value, cancellationToken) switch
        {
            DeviceRemoval.Removed => TypedResults.NoContent(),
            DeviceRemoval.NotFound => ApiError.Rule(ErrorCode.DeviceNotFound),
            DeviceRemoval.IsCurrent => ApiError.Rule(ErrorCode.CannotRemoveCurrentDevice),
            DeviceRemoval.LimitExceeded => ApiError.Rule(ErrorCode.RemovalLimitExceeded),
        };

    private static async Task<Ok<List<LoginAnswer>>> ListLoginsAsync(Caller caller, Devices devices, CancellationToken cancellationToken)
    {
        var list = await devices.ListLoginsAsync(caller.UserId, cancellationToken);
        return TypedResults.Ok(list.ConvertAll(login => new LoginAnswer(
            login.Id, login.DeviceId, login.DeviceName, login.CreatedAt, login.ExpiresAt, IsCurrent: login.Id == caller.SessionId)));
    }

    private static async Task<Results<NoContent, ApiError>> EndLoginAsync(
        PathId sessionId, Caller caller, Logins logins, CancellationToken cancellationToken) =>
        await logins.EndAsync(caller.UserId, sessionId, cancellationToken)
            ? TypedResults.NoContent()
            : ApiError.Rule(ErrorCode.SessionNotFound);
}
