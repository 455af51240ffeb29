using System.Diagnostics;
using System.Globalization;
using System.Net;
using Solacore.Core.Settings;

namespace Solacore.Api.Http.Limits;

/// <summary>So many requests per window.</summary>
/// <param name="Count">At least 1.</param>
/// <param name="Unit"><c>second</c>, <c>minute</c>, <c>hour</c> or <c>day</c>.</param>
internal sealed record RateLimit(int Count, string Unit)
{
    public TimeSpan Window => Unit switch
    {
        "second" => TimeSpan.FromSeconds(1),
        "minute" => TimeSpan.FromMinutes(1),
        "hour" => TimeSpan.FromHours(1),
        "day" => TimeSpan.FromDays(1),
        _ => throw new UnreachableException(),
    };

    /// <summary>As clients see it: <c>5 per 1 minute</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count} per 1 {Unit}");

    /// <summary>Reads <c>5/minute</c>.</summary>
    public static RateLimit? TryParse(string text) =>
        text.Split('/', StringSplitOptions.TrimEntries) is [var count, "second" or "minute" or "hour" or "day"] parts
        && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? new RateLimit(number, parts[1])
            : null;
}

/// <summary>Which limit an endpoint has; the global one applies to each of them in addition.</summary>
internal enum LimitName
{
    /// <summary>Sign-in and registration, per client address.</summary>
    Auth,

    /// <summary>Sign-in through a provider, per client address.</summary>
    OAuth,

    /// <summary>Reset mails, per client address.</summary>
    ForgotPassword,

    /// <summary>New passwords by mail, per client address, with the count of <see cref="Api"/>.</summary>
    ResetPassword,

    /// <summary>Everything ordinary, per user, else per client address.</summary>
    Api,

    /// <summary>Streams, per user, else per client address.</summary>
    Sse,
}

/// <summary>Counts and switches of the limiter.</summary>
internal sealed record RateLimitOptions
{
    private const long ResetMailSources = 4;

    /// <summary><c>RATE_LIMIT_ENABLED</c>; off for tests that register hundreds of users from one address.</summary>
    public required bool IsEnabled { get; init; }

    public required RateLimit Global { get; init; }

    public required IReadOnlyDictionary<LimitName, RateLimit> Named { get; init; }

    /// <summary>Failed sign-ins to one account from one client address (<c>LOGIN_ATTEMPTS_PER_ADDRESS</c>).</summary>
    public required BackOffRule LoginsPerAddress { get; init; }

    /// <summary>Failed sign-ins to one account from everywhere but its own devices (<c>LOGIN_ATTEMPTS</c>).</summary>
    public required BackOffRule Logins { get; init; }

    /// <summary>
    /// Reset mails to one mailbox, whoever asks: what four client addresses may ask for, so that a stranger alone cannot use
    /// up the owner's share.
    /// </summary>
    public required RateLimit ResetMailsPerAccount { get; init; }

    /// <summary>Client addresses that are never counted.</summary>
    public required IReadOnlyList<IPNetwork> Whitelist { get; init; }

    /// <summary>A counter store apart from the usual Redis; null: the usual one; <c>memory://</c>: none.</summary>
    public required string? RedisUrl { get; init; }

    public static RateLimitOptions Read(SettingsReader reader)
    {
        var api = Limit(reader, "RATE_LIMIT_API", "60/minute");
        var auth = Limit(reader, "RATE_LIMIT_AUTH", "5/minute");
        var forgot = Limit(reader, "RATE_LIMIT_FORGOT_PASSWORD", "3/hour");
        return new RateLimitOptions
        {
            IsEnabled = reader.Bool("RATE_LIMIT_ENABLED", true),
            Global = Limit(reader, "RATE_LIMIT_GLOBAL", "100/minute"),
            Named = new Dictionary<LimitName, RateLimit>
            {
                [LimitName.Auth] = auth,
                [LimitName.OAuth] = Limit(reader, "RATE_LIMIT_OAUTH", "10/minute"),
                [LimitName.ForgotPassword] = forgot,
                [LimitName.ResetPassword] = api,
                [LimitName.Api] = api,
                [LimitName.Sse] = Limit(reader, "RATE_LIMIT_SSE", "5/minute"),
            },
            ResetMailsPerAccount = forgot with { Count = (int)Math.Min(int.MaxValue, forgot.Count * ResetMailSources) },
            LoginsPerAddress = LoginRule(reader, "LOGIN_ATTEMPTS_PER_ADDRESS", 10, auth),
            Logins = LoginRule(reader, "LOGIN_ATTEMPTS", 50, auth),
            Whitelist = EdgeOptions.Networks(reader, "RATE_LIMIT_IP_WHITELIST"),
            RedisUrl = reader.Text("RATE_LIMIT_REDIS_URL") is { Length: > 0 } url && ConnectionSettings.IsRedis(reader, "RATE_LIMIT_REDIS_URL", url) ? url : null,
        };
    }

    /// <summary>Whoever allows more sign-ins a minute does not want to be slowed down by fewer.</summary>
    private static BackOffRule LoginRule(SettingsReader reader, string name, int free, RateLimit auth) => new(
        reader.Int(name, Math.Max(free, auth.Count), min: 1, max: 1_000_000), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(15));

    private static RateLimit Limit(SettingsReader reader, string name, string defaultValue)
    {
        var limit = RateLimit.TryParse(reader.Text(name, defaultValue));
        if (limit is null)
        {
            reader.Fail(name, "is no limit such as 5/minute (second, minute, hour or day)");
        }

        return limit ?? RateLimit.TryParse(defaultValue)!;
    }
}
