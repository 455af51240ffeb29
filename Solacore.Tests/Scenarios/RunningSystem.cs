using System.Collections.Concurrent;
using System.Globalization;
using Solacore.LocalHost;

namespace Solacore.Tests.Scenarios;

/// <summary>
/// Real api and worker processes on given servers: what is killed here is killed as in production.
/// </summary>
internal sealed class RunningSystem : IAsyncDisposable
{
    public const string StripeSecret = "whsec_scenario";
    public const string JwtSecret = "a secret of the scenario tests, long enough";
    public const string RevenueCatSecret = "revenuecat_scenario";

    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, string?> _settings;

    private RunningSystem(Dictionary<string, string?> settings) => _settings = settings;

    public List<Api> Apis { get; } = [];
    public List<ServiceProcess> Workers { get; } = [];

    /// <summary>The internal ports, in the order of the workers' start.</summary>
    public List<Uri> WorkerAddresses { get; } = [];

    /// <summary>Every line that any process wrote.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    /// <summary>Brings a database to the newest version, as a release does.</summary>
    public static Task MigrateAsync(string database) => ServiceProcess.RunToEndAsync(
        ServiceOptions.ForAssembly("migrations", BuildOutput.WorkerAssembly, "migrate") with
        {
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal) { ["ConnectionStrings__solacore"] = database, ["DEBUG"] = "true" },
        });

    public static async Task<RunningSystem> StartAsync(
        string database, string redis, int apis = 1, int workers = 1, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var system = new RunningSystem(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__solacore"] = database,
            ["ConnectionStrings__redis"] = redis,
            ["DEBUG"] = "true",
            ["RATE_LIMIT_ENABLED"] = "false",
            ["JWT_SECRET"] = JwtSecret,
            ["STRIPE_WEBHOOK_SECRET"] = StripeSecret,
            ["REVENUECAT_WEBHOOK_SECRET"] = RevenueCatSecret,
            ["STRIPE_PRICE_STANDARD"] = "price_standard",
            ["STRIPE_PRICE_PRO"] = "price_pro",
            ["OPENAI_API_KEY"] = null,
            ["ASPNETCORE_URLS"] = null,
            ["HTTP_PORTS"] = null,
        });
        foreach (var (name, value) in settings ?? new Dictionary<string, string?>())
        {
            system._settings[name] = value;
        }

        await Task.WhenAll(
            Task.WhenAll(Enumerable.Range(0, apis).Select(_ => system.StartApiAsync())),
            Task.WhenAll(Enumerable.Range(0, workers).Select(_ => system.StartWorkerAsync())));
        return system;
    }

    public async Task<Api> StartApiAsync()
    {
        var port = LoopbackPort.Free();
        var process = Start("api", BuildOutput.ApiAssembly, new() { ["PORT"] = Text(port), ["HOST"] = "127.0.0.1" });
        var api = new Api(process, new Uri($"http://127.0.0.1:{Text(port)}"));
        lock (Apis)
        {
            Apis.Add(api);
        }

        await process.WaitUntilHealthyAsync(new Uri(api.Address, "/health/ready"), StartTimeout);
        return api;
    }

    public async Task<ServiceProcess> StartWorkerAsync()
    {
        var port = LoopbackPort.Free();
        var process = Start("worker", BuildOutput.WorkerAssembly, new() { ["INTERNAL_PORT"] = Text(port) });
        lock (Workers)
        {
            Workers.Add(process);
            WorkerAddresses.Add(new Uri($"http://127.0.0.1:{Text(port)}"));
        }

        await process.WaitUntilHealthyAsync(new Uri($"http://127.0.0.1:{Text(port)}/health/ready"), StartTimeout);
        return process;
    }

    private ServiceProcess Start(string name, string assembly, Dictionary<string, string?> own)
    {
        var environment = new Dictionary<string, string?>(_settings, StringComparer.Ordinal);
        foreach (var (key, value) in own)
        {
            environment[key] = value;
        }

        return ServiceProcess.Start(ServiceOptions.ForAssembly(name, assembly) with
        {
            Environment = environment,
            OnLine = Log.Enqueue,
        });
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        // Order does not matter and grace costs time: every test has asserted what it wanted to by now.
        await Task.WhenAll([.. Apis.Select(a => a.Process.KillAsync()), .. Workers.Select(w => w.KillAsync())]);
    }
}

internal sealed record Api(ServiceProcess Process, Uri Address);
