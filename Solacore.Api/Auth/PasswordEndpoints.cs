using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Accounts;

namespace Solacore.Api.Auth;

/// <summary>New passwords by mail.</summary>
internal static class PasswordEndpoints
{
    // Far more than a link takes to make and queue.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromMilliseconds(300);

    public static void MapPasswords(this IEndpointRouteBuilder auth)
    {
        auth.MapPost("/forgot-password", ForgotAsync).Public().Limited(LimitName.ForgotPassword);
        auth.MapPost("/reset-password", ResetAsync).Public().Limited(LimitName.ResetPassword)
            .Fails(ErrorCode.InvalidOrExpiredToken);
    }

    /// <summary>Says the same for every address, and always after the same time.</summary>
    private static async Task<Ok<MessageAnswer>> ForgotAsync(
        Body<ForgotPasswordRequest> body,
        HttpContext context,
        ResetMailGuard guard,
        PasswordResets resets,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var answerTime = Task.Delay(AnswerTime, time, cancellationToken);
        if (await guard.AllowsAsync(context, body.Value.Email))
        {
            await resets.RequestAsync(body.Value.Email, context.Request.Headers.AcceptLanguage, cancellationToken);
        }

        await answerTime;
        return TypedResults.Ok(new MessageAnswer("If an account exists, a reset link has been sent"));
    }

    private static async Task<Results<Ok<MessageAnswer>, ApiError>> ResetAsync(
        Body<ResetPasswordRequest> body, PasswordResets resets, CancellationToken cancellationToken) =>
        await resets.ResetAsync(body.Value.Token, body.Value.NewPassword, cancellationToken)
            ? TypedResults.Ok(new MessageAnswer("Password reset successful"))
            : ApiError.Rule(ErrorCode.InvalidOrExpiredToken);
}
