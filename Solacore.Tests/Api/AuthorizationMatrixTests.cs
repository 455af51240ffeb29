using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Time.Testing;
using Solacore.Api.Http;
using Solacore.Api.Http.Requests;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api;

/// <summary>Made from the route table, so that a new route cannot escape it.</summary>
public sealed partial class AuthorizationMatrixTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    // What nobody needs a token for, with the reason why not. Everything else is protected.
    private static readonly Dictionary<string, string> Open = new(StringComparer.Ordinal)
    {
        ["GET /"] = "greeting",
        ["GET /auth/csrf"] = "makes a session possible",
        ["POST /auth/register"] = "makes a session",
        ["POST /auth/login"] = "makes a session",
        ["POST /auth/beta-login"] = "makes a session",
        ["POST /auth/oauth/google"] = "makes a session",
        ["POST /auth/oauth/google/code"] = "makes a session",
        ["POST /auth/oauth/apple"] = "makes a session",
        ["POST /auth/google"] = "makes a session",
        ["POST /auth/apple"] = "makes a session",
        ["POST /auth/forgot-password"] = "for people without a session",
        ["POST /auth/reset-password"] = "carries its own token",
        ["POST /auth/refresh"] = "carries its own token",
        ["POST /auth/logout"] = "checks the token itself, because browsers are always let go",
        ["GET /auth/config/features"] = "read before signing in",
        ["GET /config/features"] = "read before signing in",
        ["GET /api/v1/templates"] = "public catalogue",
        ["GET /api/v1/templates/{template_id}"] = "public catalogue",
        ["POST /webhooks/stripe"] = "signed",
        ["POST /webhooks/revenuecat"] = "carries its own secret",
        ["GET /privacy"] = "page",
        ["GET /terms"] = "page",
        ["GET /support"] = "page",
        ["GET /account-deletion"] = "page",
        ["GET /reset-password"] = "page",
        ["GET /unsubscribe"] = "page",
        ["POST /unsubscribe"] = "carries its own token",
        ["POST /unsubscribe/undo"] = "carries its own token",
        ["GET /subscriptions/success"] = "page",
        ["GET /subscriptions/cancel"] = "page",
        ["GET /.well-known/apple-app-site-association"] = "read by phones",
        ["GET /.well-known/assetlinks.json"] = "read by phones",
        ["GET /openapi.json"] = "document",
        ["GET /docs"] = "document",
        ["GET /docs/streaming.md"] = "document",
        ["GET /redoc"] = "document",
    };

    [Fact]
    public async Task every_route_is_protected_or_known_to_be_open()
    {
        await using var host = await ApiHost.StartAsync(database);

        var open = Operations(host).Where(operation => !operation.IsProtected).Select(operation => operation.Name)
            .Where(name => !name.StartsWith("GET /reference", StringComparison.Ordinal));

        Assert.Equal(Open.Keys.Order(StringComparer.Ordinal), open.Order(StringComparer.Ordinal));
    }

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
        foreach (var operation in Operations(host).Where(operation => operation.IsProtected))
        {
            foreach (var (who, token, code) in callers)
            {
                (string, string)[] headers = token is null ? [("Origin", EdgeHost.Origin)] : [("Authorization", "Bearer " + token)];
                var answer = await host.Client.SendAsync(new HttpMethod(operation.Method), operation.PathWith(_ => Guid.NewGuid()), content: null, headers);
                if (answer.Status != HttpStatusCode.Unauthorized || !answer.Body.Contains($"\"error\":\"{code}\"", StringComparison.Ordinal))
                {
                    wrong.Add($"{operation.Name} as {who}: {(int)answer.Status} {answer.Body}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task whatever_belongs_to_somebody_else_does_not_exist()
    {
        await using var host = await ApiHost.StartAsync(database);
        var owner = await host.RegisterAsync();
        var stranger = await host.RegisterAsync();
        var owned = await OwnAsync(owner);
        var before = await FingerprintAsync();

        var wrong = new List<string>();
        foreach (var operation in Operations(host).Where(operation => operation.IsProtected && operation.Parameters.Count > 0))
        {
            var path = operation.PathWith(parameter => owned[(operation.Path.Split('/')[1], parameter)]) + operation.Query;
            var answer = await stranger.Client.SendAsync(
                new HttpMethod(operation.Method), path, operation.Body is { } body ? Requests.Json(body) : null, ("X-Device-Fingerprint", stranger.Fingerprint));
            if (answer.Status != HttpStatusCode.NotFound || !answer.Body.Contains("NOT_FOUND\"", StringComparison.Ordinal))
            {
                wrong.Add($"{operation.Name}: {(int)answer.Status} {answer.Body}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(before, await FingerprintAsync());
    }

    private static IEnumerable<Operation> Operations(ApiHost host) =>
        from route in host.Routes
        from method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
        select new Operation(method, route);

    /// <summary>One thing of each kind that a path can name.</summary>
    private async Task<Dictionary<(string Room, string Parameter), Guid>> OwnAsync(Person owner)
    {
        var device = await database.ScalarAsync<Guid>("select id from devices where user_id = $1", owner.Id);
        var solve = Id(await owner.Client.PostAsync("/sessions", json: null, ("X-Device-Fingerprint", owner.Fingerprint)));
        var learn = Id(await owner.Client.PostAsync("/learn", json: null));
        var turns = await database.ScalarAsync<Guid[]>(
            """
            with m as (insert into messages (id, session_id, role, content, step) values (gen_random_uuid(), $2, 'user', 'my words', 'receive') returning id),
            t as (insert into turns (id, user_id, solve_session_id, learn_session_id, status, attempt, user_message_id, locale, input_tokens, output_tokens)
                  select gen_random_uuid(), $1, s.solve, s.learn, 'completed', 1, m.id, 'en', 0, 0
                  from m, (values ($2, null), (null, $3)) s (solve, learn) returning id, solve_session_id)
            select array_agg(id order by solve_session_id nulls last) from t
            """,
            owner.Id,
            solve,
            learn);
        await database.ExecuteAsync("update solve_sessions set first_step_action = 'call' where id = $1", solve);
        return new()
        {
            [("auth", "device_id")] = device,
            [("auth", "session_id")] = owner.SessionId,
            [("sessions", "session_id")] = solve,
            [("sessions", "turn_id")] = turns[0],
            [("actions", "session_id")] = solve,
            [("learn", "session_id")] = learn,
            [("learn", "turn_id")] = turns[1],
        };
    }

    /// <summary>Changes when any row of any table does.</summary>
    private async Task<string> FingerprintAsync()
    {
        var tables = await database.ScalarAsync<string[]>("select array_agg(tablename::text order by tablename) from pg_tables where schemaname = 'public'");
        var sums = new List<string>();
        foreach (var table in tables)
        {
            sums.Add(table + await database.ScalarAsync<string>($"select coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from \"{table}\" t"));
        }

        return string.Join('\n', sums);
    }

    private static Guid Id(Answer answer) => answer.Json.GetProperty("session_id").GetGuid();

    [GeneratedRegex(@"\{(?<name>[^}:]+)[^}]*\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();

    /// <summary>A method of a route, with what it takes to get past its validation.</summary>
    private sealed class Operation(string method, RouteEndpoint route)
    {
        public string Method { get; } = method;

        public string Path { get; } = "/" + route.RoutePattern.RawText!.Trim('/');

        public string Name => $"{Method} {Path}";

        public bool IsProtected => route.Metadata.GetMetadata<AccessMetadata>() is { IsAuthenticated: true };

        public IReadOnlyList<string> Parameters => [.. Parameter().Matches(Path).Select(match => match.Groups["name"].Value)];

        public string? Body => route.Metadata.GetMetadata<BodyMetadata>() is { IsRequired: true } body
            ? new JsonObject(body.Members.Where(member => member.IsRequired).Select(
                member => KeyValuePair.Create(member.Name, (JsonNode?)Good(member.ValueType, member.Rules)))).ToJsonString()
            : null;

        public string Query => "?" + string.Join('&', route.Metadata.OfType<ParameterMetadata>()
            .Where(parameter => parameter is { Part: Part.Query, IsRequired: true })
            .Select(parameter => $"{parameter.Name}={Good(parameter.Type, parameter.Rules)}"));

        public string PathWith(Func<string, Guid> find) => Parameter().Replace(Path, match => find(match.Groups["name"].Value).ToString());

        /// <summary>The first value that the rules take.</summary>
        private static JsonNode Good(Type type, IReadOnlyList<RuleAttribute> rules)
        {
            object[] candidates = type.IsEnum ? [.. ValueReaders.NamesOf(type)]
                : type == typeof(int) ? [1]
                : type == typeof(bool) ? [true]
                : ["text", "receive", "start", "quick", "someone@example.com", "Pass1234", Guid.NewGuid().ToString(), "2027-01-01"];
            return JsonValue.Create(candidates.First(candidate => rules.All(rule => rule.Check(candidate) is null)))!;
        }
    }
}
