using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Learn;
using Solacore.Core.Model;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Settings;
using Solacore.Core.Solve;
using Solacore.Core.Turns;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Model;

/// <summary>The worker's model over a real database and a stand-in, without the queue.</summary>
internal sealed class ModelHost : IAsyncDisposable, ILoggerProvider, ILogger
{
    private static readonly PromptMessage[] Prompt = [new(MessageRole.System, "Be kind."), new(MessageRole.User, "I feel stuck")];

    private readonly TestDatabase _database;
    private readonly ServiceProvider _services;

    public ModelHost(TestDatabase database, params (string Name, string Value)[] settings)
    {
        _database = database;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.ToDictionary(s => s.Name, s => (string?)s.Value, StringComparer.Ordinal)
                .Append(new("DEBUG", "true"))
                .Append(new("DATABASE_URL", database.ConnectionString))
                .Append(new("REDIS_URL", ""))).Build();
        var reader = new SettingsReader(configuration);
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(this));
        services.AddMetrics();
        services.AddSingleton(TimeProvider.System);
        services.AddSolacoreData(ConnectionSettings.Read(reader));
        services.AddTurnAnswers(reader).AddSolveReplies(reader).AddLearnReplies();
        Assert.Empty(reader.Problems);
        _services = services.BuildServiceProvider();
    }

    public ConcurrentQueue<string> Log { get; } = new();

    public IServiceProvider Services => _services;

    public ModelLedger Ledger => _services.GetRequiredService<ModelLedger>();

    public ModelRoute Route => _services.GetRequiredService<ModelOptions>().Routes[0];

    /// <summary>Somebody with an account, in a session of their own.</summary>
    public async Task<ModelAsker> AskerAsync(Tier tier = Tier.Free)
    {
        var id = Guid.CreateVersion7();
        await _database.ExecuteAsync("insert into users (id, email, created_at, updated_at) values ($1, $1 || '@example.com', now(), now())", id);
        return new ModelAsker(id, Guid.CreateVersion7(), Guid.CreateVersion7(), tier, PeriodStart: null);
    }

    /// <summary>A reply as a turn asks for it, settled as a turn settles it. What the exception tells when no model spoke; what was said before a reply broke off.</summary>
    public async Task<string> AskAsync(ModelAsker asker, CancellationToken cancellationToken = default)
    {
        var usage = new ReplyUsage();
        var text = new StringBuilder();
        try
        {
            await foreach (var piece in _services.GetRequiredService<ReplyModel>().StreamAsync(Prompt, asker, usage, cancellationToken))
            {
                text.Append(piece);
            }

            return $"{usage.Model}: {text}";
        }
        catch (ModelUnavailableException e)
        {
            return e.Message;
        }
        catch (ReplyBrokenException)
        {
            return $"{usage.Model}: {text}(broken)";
        }
        finally
        {
            if (usage.Call is { } call)
            {
                await Ledger.SettleAsync(call);
            }
        }
    }

    /// <summary>The calls of somebody in their order: model, outcome and whether they cost anything.</summary>
    public Task<string> CallsAsync(ModelAsker asker) => _database.ScalarAsync<string>(
        "select coalesce(string_agg(model || ' ' || coalesce(outcome, 'open') || case when cost_micros > 0 then ' paid' else '' end, ', ' order by created_at), '') from model_calls where user_id = $1",
        asker.UserId);

    ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Log.Enqueue(exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception}");

    void IDisposable.Dispose()
    {
    }

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
