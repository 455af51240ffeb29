using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Core.Accounts;

namespace Solacore.Api.Auth;

/// <summary>Everything we hold about the caller, to take away or to delete (contract/http-api.md section 17).</summary>
internal static class AccountEndpoints
{
    public static void MapAccount(this IEndpointRouteBuilder api)
    {
        var account = api.MapGroup("/account").WithTags("Accounts").Authenticated().Limited(LimitName.Api).NoStore()
            .Fails(ErrorCode.UserNotFound);
        account.MapGet("/export", ExportAsync);
        account.MapDelete("", DeleteAsync);
    }

    private static async Task<Results<Ok<AccountExport>, ApiError>> ExportAsync(
        Caller caller, AccountExports exports, CancellationToken cancellationToken) =>
        await exports.MakeAsync(caller.UserId, cancellationToken) is { } export
            ? TypedResults.Ok(export)
            : ApiError.Rule(ErrorCode.UserNotFound);

    private static async Task<Results<NoContent, ApiError>> DeleteAsync(
        Caller caller, AccountDeletions deletions, SessionCookies cookies, HttpResponse response, CancellationToken cancellationToken)
    {
        if (!await deletions.DeleteAsync(caller.UserId, cancellationToken))
        {
            return ApiError.Rule(ErrorCode.UserNotFound);
        }

        cookies.Clear(response);
        return TypedResults.NoContent();
    }
}
