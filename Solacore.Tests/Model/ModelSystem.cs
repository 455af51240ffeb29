using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Model;

/// <summary>One real api and one real worker with short time-outs and a stand-in, shared by the tests of a class.</summary>
public sealed class ModelSystem : IAsyncLifetime
{
    private RunningSystem _system = null!;

    public TestDatabase Database { get; } = new();

    public ModelStandIn Model { get; private set; } = null!;

    internal Scenarios.Api Api => _system.Apis[0];

    public async ValueTask InitializeAsync()
    {
        await Database.InitializeAsync();
        Model = await ModelStandIn.StartAsync();
        _system = await RunningSystem.StartAsync(
            Database.ConnectionString,
            (await SharedServers.Redis).ConnectionString,
            settings: new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["OPENAI_API_KEY"] = "not-a-key",
                ["OPENAI_BASE_URL"] = Model.BaseUrl,
                ["LLM_FIRST_TOKEN_TIMEOUT"] = "4",
                ["LLM_TOKEN_TIMEOUT"] = "1",
                ["LLM_TIMEOUT"] = "8",
                ["LLM_BREAKER_FAILURES"] = "1000",
                ["LLM_BREAKER_PAUSE"] = "0.1",
                ["MODERATION_TIMEOUT"] = "3",
            });
    }

    public async ValueTask DisposeAsync()
    {
        await _system.DisposeAsync();
        await Model.DisposeAsync();
        await Database.DisposeAsync();
    }
}
