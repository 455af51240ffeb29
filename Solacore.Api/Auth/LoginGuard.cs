using Solacore.Api.Http.Limits;
using Solacore.Core.Accounts;

namespace Solacore.Api.Auth;

/// <summary>
/// Slows down whoever guesses passwords. Counted per account and client address, so that one person behind an office's
/// address does not lock out the others; and per account, against guesses from many addresses. A device that the account
/// knows passes the second count: a stranger cannot keep the owner out.
/// </summary>
internal sealed class LoginGuard(RateLimitOptions limits, AttemptBackOff attempts, Logins logins)
{
    /// <summary>Null when the password may be looked at; else how long to wait.</summary>
    public async Task<TimeSpan?> WaitAsync(HttpContext context, string email, string fingerprint, CancellationToken cancellationToken)
    {
        if (!IsOn(context))
        {
            return null;
        }

        var (perAddress, perAccount) = KeysOf(context, email);
        if (await attempts.TryAsync(perAddress, limits.LoginsPerAddress) is { } wait)
        {
            return wait;
        }

        return await attempts.TryAsync(perAccount, limits.Logins) is { } longer && !await logins.KnowsDeviceAsync(email, fingerprint, cancellationToken)
            ? longer
            : null;
    }

    /// <summary>The password was right.</summary>
    public Task ForgiveAsync(HttpContext context, string email)
    {
        if (!IsOn(context))
        {
            return Task.CompletedTask;
        }

        var (perAddress, perAccount) = KeysOf(context, email);
        return attempts.ForgetAsync(perAddress, perAccount);
    }

    private bool IsOn(HttpContext context) =>
        limits.IsEnabled && !ClientAddress.IsAmong(limits.Whitelist, context.Connection.RemoteIpAddress);

    private static (string PerAddress, string PerAccount) KeysOf(HttpContext context, string email)
    {
        var account = AccountKey.Of(email);
        return ($"login:{account}:{ClientAddress.KeyOf(context.Connection.RemoteIpAddress)}", $"login:{account}");
    }
}
