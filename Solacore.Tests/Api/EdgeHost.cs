using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Solacore.Api.Auth;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Errors;
using Solacore.Api.Http.Limits;
using Solacore.Api.Http.Requests;
using Solacore.Core.Data;
using Solacore.Core.Settings;
using Solacore.ServiceDefaults;
using StackExchange.Redis;

namespace Solacore.Tests.Api;

/// <summary>
/// The edge on a real listener with a few endpoints made for looking at it. Tokens are known by name: <c>good</c> is a
/// caller, <c>revoked</c> is a login that was ended, everything else is no token.
/// </summary>
internal sealed class EdgeHost : IAsyncDisposable
{
    /// <summary>What Postgres says at <c>/failing/database-…</c>.</summary>
    public static readonly string[] DatabaseStates =
    [
        PostgresErrorCodes.ReadOnlySqlTransaction, PostgresErrorCodes.InvalidPassword, PostgresErrorCodes.InvalidAuthorizationSpecification,
        PostgresErrorCodes.InvalidCatalogName, PostgresErrorCodes.ObjectNotInPrerequisiteState, PostgresErrorCodes.TooManyConnections,
        PostgresErrorCodes.CannotConnectNow,
    ];

    public const string Origin = "http://localhost:3000";

    private readonly WebApplication _app;

    private EdgeHost(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.First());
        Client = NewClient();
    }

    public Uri Address { get; }

    /// <summary>Without cookies and without a token.</summary>
    public HttpClient Client { get; }

    public IReadOnlyList<Endpoint> Endpoints => [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints)];

    public static async Task<EdgeHost> StartAsync(
        IReadOnlyDictionary<string, string?>? settings = null, TimeProvider? time = null, string? redis = null)
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["DEBUG"] = "true", ["RATE_LIMIT_ENABLED"] = "false" });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        var reader = new SettingsReader(builder.Configuration);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton<IAuthenticator, KnownTokens>();
        builder.Services.AddSingleton(_ => RedisLink.Open(redis is null ? null : ConfigurationOptions.Parse(redis)));
        builder.AddHttpEdge(reader);
        Assert.Empty(reader.Problems);
        var app = builder.Build();
        app.UseHttpEdge();
        MapProbes(app);
        await app.StartAsync();
        return new EdgeHost(app);
    }

    public HttpClient NewClient(string? token = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = Address };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static void MapProbes(WebApplication app)
    {
        var api = app.MapApi();
        app.MapApiDocument(api);

        api.MapPost("/auth/register", (Body<SignUp> body) => TypedResults.Ok(body.Value)).Public().Limited(LimitName.Auth).NoStore();
        api.MapPost("/auth/refresh", (OptionalBody<Refresh> body) => TypedResults.Ok(new { body.Value?.RefreshToken })).Public();
        api.MapGet("/config/features", () => TypedResults.Ok()).Public().Limited(LimitName.Api);

        var things = api.MapGroup("/things").Authenticated().Limited(LimitName.Api);
        things.MapGet("", (Query<ThingQuery> query) => TypedResults.Ok(query.Value));
        things.MapPost("", (Body<Thing> body, DeviceFingerprint device) => TypedResults.Ok(new { body.Value, Device = device.Value }));
        things.MapGet("/me", (Caller caller) => TypedResults.Ok(new { caller.Email }));
        things.MapGet("/slow", (TimeProvider time) =>
        {
            (time as FakeTimeProvider)?.Advance(TimeSpan.FromSeconds(7));
            return TypedResults.Ok();
        });
        things.MapGet("/missing", () => ApiError.Rule(ErrorCode.SessionNotFound));
        things.MapPatch("/{thing_id}", (PathId thingId, Body<ThingPatch> body) => TypedResults.Ok(new
        {
            Id = thingId.Value,
            IsGiven = body.Value.ReminderTime.IsGiven,
            ReminderTime = body.Value.ReminderTime.Value,
        }));
        things.MapGet("/{thing_id}", (PathId thingId, Query<Page> page) => TypedResults.Ok(new { Id = thingId.Value, page.Value.Limit }));

        var failing = api.MapGroup("/failing").Public();
        failing.MapGet("/crash", string () => throw new InvalidOperationException("secret detail"));
        failing.MapGet("/database", string () => throw new InvalidOperationException("wrapped", new NpgsqlException("no route to host")));
        foreach (var state in DatabaseStates)
        {
            failing.MapGet($"/database-{state}", string () => throw new DbUpdateException("wrapped", new PostgresException("no", "ERROR", "ERROR", state)));
        }

        failing.MapPost("/read", (Body<Thing> _) => TypedResults.Ok());
        failing.MapPost("/hold", async (OptionalBody<Thing> _, HttpContext context) =>
        {
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
    }

    private sealed class KnownTokens : IAuthenticator
    {
        private static readonly Guid User = Guid.Parse("0862e424-f951-4b98-9fbb-731ea233cdc1");

        public ValueTask<AccessOutcome> AuthenticateAsync(string token, CancellationToken cancellationToken) => ValueTask.FromResult(token switch
        {
            "good" => AccessOutcome.Granted(new Caller(User, Guid.NewGuid(), Guid.NewGuid(), "ann@example.com", "email", "en")),
            "revoked" => AccessOutcome.Refused(ErrorCode.SessionRevoked),
            _ => AccessOutcome.Refused(ErrorCode.InvalidToken),
        });

        public ValueTask<Guid?> FindSubjectAsync(string token) => ValueTask.FromResult<Guid?>(token == "good" ? User : null);
    }
}

internal enum ThingStatus
{
    Active,
    Completed,

    [AlsoRead("archived")]
    Abandoned,
}

internal sealed record SignUp(
    [Email] string Email,
    [Password] string Password,
    [Length(1, 255), Private] string DeviceFingerprint,
    [Length(0, 255)] string? DeviceName = null);

internal sealed record Refresh([Private] string RefreshToken);

internal sealed record Thing(
    [Length(1, 10, Trimmed = true)] string Name,
    [OneOf("quick", "deep", "custom")] string Mode,
    Guid? TemplateId = null,
    [AtMost(2)] IReadOnlyList<string>? Tags = null,
    bool IsOpen = false,
    int Size = 7);

internal sealed record ThingPatch(Optional<DateTimeOffset?> ReminderTime);

internal sealed record ThingQuery(
    [Range(1, 100)] int Limit = 20,
    [Range(0)] int Offset = 0,
    ThingStatus? Status = null,
    bool IncludeMessages = false,
    DateTimeOffset? FromDate = null,
    DateOnly? StartDate = null,
    string? Q = null);
