using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Solacore.LocalHost;
using Solacore.ServiceDefaults;

namespace Solacore.Tests.ServiceDefaults;

/// <summary>A small process with the real defaults, listening on loopback: one port for clients, one internal.</summary>
internal sealed class RunningService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningService(WebApplication app, Uri clients, Uri inside)
    {
        _app = app;
        Clients = new HttpClient { BaseAddress = clients };
        Inside = new HttpClient { BaseAddress = inside };
    }

    public HttpClient Clients { get; }

    public HttpClient Inside { get; }

    public ILogger Logger => _app.Services.GetRequiredService<ILogger<RunningService>>();

    public static async Task<RunningService> StartAsync(
        Action<HealthProbes>? probes = null,
        TimeProvider? time = null,
        Dictionary<string, string?>? settings = null,
        Action<WebApplicationBuilder>? configure = null,
        Action<WebApplication>? map = null,
        bool worker = false)
    {
        var internalPort = LoopbackPort.Free();
        var builder = ServiceHost.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["APP_VERSION"] = "1.0.0",
            ["HOST"] = "127.0.0.1",
            ["PORT"] = "0",
            ["INTERNAL_PORT"] = internalPort.ToString(CultureInfo.InvariantCulture),
            ["DRAIN_SECONDS"] = "0",
            ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "None",
        });
        builder.Configuration.AddInMemoryCollection(settings);
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        builder.AddServiceDefaults("api");
        _ = worker ? builder.ListenInternally() : builder.ListenForClients();
        builder.AddHealth(probes ?? (_ => { }));
        configure?.Invoke(builder);

        var app = builder.Build();
        if (worker)
        {
            app.MapInternalHealth();
        }
        else
        {
            app.MapHealth();
        }

        map?.Invoke(app);
        await app.StartAsync(TestContext.Current.CancellationToken);

        var inside = new Uri($"http://127.0.0.1:{internalPort}");
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new RunningService(app, addresses.Select(address => new Uri(address)).FirstOrDefault(address => address != inside, inside), inside);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Clients.Dispose();
        Inside.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>The parts of an answer that the contract fixes.</summary>
internal sealed record Answer(HttpStatusCode Status, string Body)
{
    public static async Task<Answer> OfAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return new Answer(response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
