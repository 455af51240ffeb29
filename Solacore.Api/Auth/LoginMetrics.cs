using System.Diagnostics.Metrics;
using Solacore.Api.Http.Errors;
using Solacore.Core;

namespace Solacore.Api.Auth;

/// <summary>The ways to get and keep a login.</summary>
internal enum LoginWay
{
    Register,
    Password,
    Beta,
    Google,
    Apple,
    Refresh,
}

/// <summary>How sign-ins end: by way and outcome, which is <c>ok</c> or the code that the client got.</summary>
internal sealed class LoginMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _logins;

    public LoginMetrics(IMeterFactory meters)
    {
        _meter = meters.Create("Solacore.Accounts");
        _logins = _meter.CreateCounter<long>(
            "solacore.accounts.logins", "{login}", "Sign-ins by way (register, password, beta, google, apple, refresh) and outcome: ok or the error's code.");
    }

    public void Ended(LoginWay way, string outcome) =>
        _logins.Add(1, new("way", way.Name()), new("outcome", outcome));

    public void Dispose() => _meter.Dispose();
}

internal static class CountedLogins
{
    /// <summary>Counts the answers of this endpoint. Requests that validation or a limit stopped never reached the sign-in.</summary>
    public static RouteHandlerBuilder CountsAs(this RouteHandlerBuilder endpoint, LoginWay way) =>
        endpoint.AddEndpointFilter(async (context, next) =>
        {
            var result = await next(context);
            var outcome = (result as INestedHttpResult)?.Result ?? result;
            context.HttpContext.RequestServices.GetRequiredService<LoginMetrics>().Ended(
                way, outcome is ApiError refused ? refused.Code.ToLowerInvariant() : "ok");
            return result;
        });
}
