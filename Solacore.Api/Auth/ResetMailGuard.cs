using Solacore.Api.Http.Limits;

namespace Solacore.Api.Auth;

/// <summary>
/// Keeps many client addresses together from flooding one mailbox with links: the limit of the route counts each of them
/// apart.
/// </summary>
internal sealed class ResetMailGuard(RateLimitOptions limits, WindowCounters counters)
{
    /// <summary>Whether the mailbox may get one more. Nobody is told, as nobody is told whether there is an account.</summary>
    public async Task<bool> AllowsAsync(HttpContext context, string email)
    {
        if (!limits.IsEnabled || ClientAddress.IsAmong(limits.Whitelist, context.Connection.RemoteIpAddress))
        {
            return true;
        }

        var counts = await counters.RaiseAsync([new Counter($"reset-mails:{AccountKey.Of(email)}", limits.ResetMailsPerAccount.Window)]);
        return counts[0].Value <= limits.ResetMailsPerAccount.Count;
    }
}
