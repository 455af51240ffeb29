using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Solacore.Api;
using Solacore.Core.Settings;
using Solacore.ServiceDefaults;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Api;

/// <summary>The api's endpoints on a real listener over a database of their own. Limits are off.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiHost(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.First());
        Client = NewClient();
    }

    public Uri Address { get; }

    /// <summary>Without cookies and without a token.</summary>
    public HttpClient Client { get; }

    public IReadOnlyList<RouteEndpoint> Routes =>
        [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()];

    public static async Task<ApiHost> StartAsync(
        TestDatabase database, IReadOnlyDictionary<string, string?>? settings = null, TimeProvider? time = null, ILoggerProvider? logs = null)
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        if (logs is not null)
        {
            builder.Logging.AddProvider(logs);
        }

        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["DEBUG"] = "true",
            ["RATE_LIMIT_ENABLED"] = "false",
            ["DATABASE_URL"] = database.ConnectionString,
        });
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        var reader = new SettingsReader(builder.Configuration);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.AddProduct(reader);
        Assert.Empty(reader.Problems);
        var app = builder.Build();
        app.MapProduct();
        await app.StartAsync();
        return new ApiHost(app);
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

    /// <summary>Registers a new person on a phone of their own.</summary>
    public async Task<Person> RegisterAsync(string? email = null, string? fingerprint = null)
    {
        email ??= $"{Guid.NewGuid():n}@example.com";
        fingerprint ??= Guid.NewGuid().ToString();
        return Person.From(this, fingerprint, await Client.PostAsync("/auth/register", Person.Credentials(email, fingerprint)));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>Somebody who is signed in.</summary>
internal sealed record Person(ApiHost Host, Guid Id, string Email, string Fingerprint, string Access, string Refresh, HttpClient Client)
{
    public const string Password = "Pass123!";

    public Guid SessionId => Guid.Parse(Claims.GetProperty("sid").GetString()!);

    public JsonElement Claims => Tokens.ClaimsOf(Access);

    public static string Credentials(string email, string fingerprint, string password = Password) =>
        JsonSerializer.Serialize(new { email, password, device_fingerprint = fingerprint });

    public static Person From(ApiHost host, string fingerprint, Answer answer)
    {
        Assert.True((int)answer.Status is StatusCodes.Status200OK or StatusCodes.Status201Created, answer.Body);
        var body = answer.Json;
        var access = body.GetProperty("access_token").GetString()!;
        return new Person(
            host,
            body.GetProperty("user_id").GetGuid(),
            body.GetProperty("user").GetProperty("email").GetString()!,
            fingerprint,
            access,
            body.GetProperty("refresh_token").GetString()!,
            host.NewClient(access));
    }

    public Task<Answer> LoginAsync(string? fingerprint = null, string password = Password) =>
        Host.Client.PostAsync("/auth/login", Credentials(Email, fingerprint ?? Fingerprint, password));

    public Task<Answer> RefreshAsync(string? token = null) =>
        Host.Client.PostAsync("/auth/refresh", JsonSerializer.Serialize(new { refresh_token = token ?? Refresh }));
}

internal static class Tokens
{
    public static JsonElement ClaimsOf(string token) =>
        JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1])).RootElement;

    public static JsonElement HeaderOf(string token) =>
        JsonDocument.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0])).RootElement;
}
