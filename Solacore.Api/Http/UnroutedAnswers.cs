using Solacore.Api.Http.Errors;

namespace Solacore.Api.Http;

/// <summary>Gives unknown paths and wrong methods a body; routing has set status and <c>Allow</c> already.</summary>
internal static class UnroutedAnswers
{
    public static IApplicationBuilder UseUnroutedAnswers(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        if (context.GetEndpoint() is null)
        {
            await ApiError.Text(ErrorCode.NotFound).ExecuteAsync(context);
            return;
        }

        await next(context);
        if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
        {
            await ApiError.Text(ErrorCode.MethodNotAllowed).ExecuteAsync(context);
        }
    });
}
