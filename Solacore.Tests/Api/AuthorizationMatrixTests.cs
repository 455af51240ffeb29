using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Time.Testing;
using Solacore.Api.Http;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api;

/// <summary>Made from the route table, so that a new route cannot escape it.</summary>
public sealed partial class AuthorizationMatrixTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task every_protected_route_refuses_everybody_who_is_not_signed_in()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var host = await ApiHost.StartAsync(database, time: time);
        var expired = await host.RegisterAsync();
        time.Advance(TimeSpan.FromHours(2));
        var revoked = await host.RegisterAsync();
        var deactivated = await host.RegisterAsync();
        await database.ExecuteAsync("delete from active_sessions where user_id = $1", revoked.Id);
        await database.ExecuteAsync("update users set is_active = false where id = $1", deactivated.Id);
        (string Who, string? Token, string Code)[] callers =
        [
            ("nobody", null, "INVALID_TOKEN"),
            ("garbage", "garbage", "INVALID_TOKEN"),
            ("refresh token", revoked.Refresh, "INVALID_TOKEN"),
            ("expired", expired.Access, "INVALID_TOKEN"),
            ("revoked", revoked.Access, "SESSION_REVOKED"),
            ("deactivated", deactivated.Access, "INVALID_TOKEN"),
        ];

        var wrong = new List<string>();
        foreach (var (method, path) in Protected(host))
        {
            foreach (var (who, token, code) in callers)
            {
                (string, string)[] headers = token is null ? [("Origin", EdgeHost.Origin)] : [("Authorization", "Bearer " + token)];
                var answer = await host.Client.SendAsync(new HttpMethod(method), path, content: null, headers);
                if (answer.Status != HttpStatusCode.Unauthorized || !answer.Body.Contains($"\"error\":\"{code}\"", StringComparison.Ordinal))
                {
                    wrong.Add($"{method} {path} as {who}: {(int)answer.Status} {answer.Body}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    private static IEnumerable<(string Method, string Path)> Protected(ApiHost host) =>
        from route in host.Routes
        where route.Metadata.GetMetadata<AccessMetadata>() is { IsAuthenticated: true }
        from method in route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods
        select (method, "/" + Parameter().Replace(route.RoutePattern.RawText!.TrimStart('/'), _ => Guid.NewGuid().ToString()));

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();
}
