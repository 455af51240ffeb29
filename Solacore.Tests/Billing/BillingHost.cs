using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Solacore.Core;
using Solacore.Core.Billing;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;
using Solacore.Core.Telemetry;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>The inbox and its workers on a test's database, without HTTP in front.</summary>
internal sealed class BillingHost : IAsyncDisposable
{
    public static readonly BillingOptions Options = new(
        PaymentsEnabled: true, ["whsec_test"], ["rc_test"], AcceptSandbox: false, BetaMode: false, CustomerLife.Catalog);

    private readonly TestDatabase _database;
    private readonly List<ServiceProvider> _processes = [];
    private readonly List<Task> _running = [];
    private readonly CancellationTokenSource _stopping = new();

    /// <param name="database">The test's database.</param>
    /// <param name="workers">Processes that apply.</param>
    /// <param name="fault">Looks at every statement and commit of the workers, and may throw.</param>
    /// <param name="stores">With them the workers ask the stores for the truth.</param>
    public BillingHost(TestDatabase database, int workers = 1, IInterceptor? fault = null, StoreOptions? stores = null)
    {
        _database = database;
        for (var i = 0; i < workers; i++)
        {
            var services = new ServiceCollection();
            services.AddLogging();
            services.AddMetrics();
            services.AddSingleton(TimeProvider.System);
            var connections = new ConnectionSettings(database.ConnectionString, database.ConnectionString, null);
            services.AddSolacoreData(connections).AddJobQueue().AddProductTelemetry();
            services.AddWebhookInbox(Options);
            if (stores is not null)
            {
                services.AddStores(stores, Options);
            }

            services.AddWebhookApplier(Options);
            services.AddSingleton(new JobWorkerOptions { Drain = TimeSpan.FromMilliseconds(300), Poll = TimeSpan.FromMilliseconds(fault is null ? 1_000 : 50) });
            if (fault is not null)
            {
                services.ConfigureDbContext<SolacoreDb>(options => options.AddInterceptors(fault));
            }

            services.AddJobWorker(connections);
            _processes.Add(services.BuildServiceProvider());
            _running.Add(_processes[i].GetRequiredService<JobWorker>().RunAsync(_stopping.Token));
        }
    }

    public async Task<Guid> UserAsync(Guid? id = null)
    {
        var user = id ?? Guid.CreateVersion7();
        await _database.ExecuteAsync("insert into users (id, email) values ($1, $2)", user, $"{user}@example.org");
        await _database.ExecuteAsync("insert into subscriptions (id, user_id) values ($1, $1)", user);
        return user;
    }

    /// <summary>Runs a job now and waits until it, and all that follows from it, is done.</summary>
    public async Task RunAsync<TPayload>(JobKind<TPayload> kind, TPayload payload)
    {
        await using (var scope = _processes[0].CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<SolacoreDb>();
            db.Enqueue(kind, payload);
            await db.SaveChangesAsync();
        }

        await AllAppliedAsync();
    }

    public Task<bool> StripeAsync(object body) => AcceptAsync(BillingSource.Stripe, body);

    public Task<bool> RevenueCatAsync(object body) => AcceptAsync(BillingSource.RevenueCat, body);

    public Task<bool> StripeJsonAsync(string body) => AcceptAsync(BillingSource.Stripe, Encoding.UTF8.GetBytes(body));

    public Task<bool> RevenueCatJsonAsync(string body) => AcceptAsync(BillingSource.RevenueCat, Encoding.UTF8.GetBytes(body));

    /// <summary>Waits until nothing is left to apply, and returns the plan as the clients would see it.</summary>
    public async Task<Subscription> SettledAsync(Guid user, DateTimeOffset? now = null)
    {
        await AllAppliedAsync();
        await using var db = _database.Open();
        return (await Plans.CurrentAsync(db, user, now ?? TimeProvider.System.GetUtcNow(), CancellationToken.None))!;
    }

    public Task AllAppliedAsync() =>
        Eventually.BeTrueAsync("all events applied", async () => await _database.ScalarAsync<long>("select count(*) from jobs") == 0);

    /// <summary>Tier and status, as in <c>standard active</c>.</summary>
    public async Task<string> PlanAsync(Guid user, DateTimeOffset? now = null)
    {
        var subscription = await SettledAsync(user, now);
        return $"{subscription.Tier.Name()} {subscription.Status.Name()}";
    }

    private Task<bool> AcceptAsync(BillingSource source, object body) => AcceptAsync(source, JsonSerializer.SerializeToUtf8Bytes(body));

    private async Task<bool> AcceptAsync(BillingSource source, byte[] body)
    {
        var inbox = _processes[0].GetRequiredService<WebhookInbox>();
        return await inbox.AcceptAsync(source, body, CancellationToken.None) == WebhookReceipt.Stored;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running);
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        _stopping.Dispose();
    }
}
