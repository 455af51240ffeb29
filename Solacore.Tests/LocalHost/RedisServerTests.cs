using Solacore.LocalHost;
using StackExchange.Redis;

namespace Solacore.Tests.LocalHost;

public sealed class RedisServerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task data_survives_a_stop_and_a_flush_empties_it()
    {
        var options = new RedisOptions(_folder.PathOf("redis"));
        await using (var server = await RedisServer.StartAsync(options))
        {
            await SetAsync(server, "word", "kept");
            await server.StopAsync();
            Assert.Equal(0, await server.Exited);
        }

        await using (var server = await RedisServer.StartAsync(options))
        {
            Assert.Equal("kept", await GetAsync(server, "word"));

            await server.FlushAllAsync();
            Assert.Null(await GetAsync(server, "word"));

            await server.KillAsync();
            Assert.Equal(137, await server.Exited);

            var port = server.Port;
            await server.RestartAsync();
            Assert.Equal(port, server.Port);
            await SetAsync(server, "word", "again");
            Assert.Equal("again", await GetAsync(server, "word"));
        }
    }

    [Fact]
    public async Task a_second_server_on_the_same_data_is_refused()
    {
        var options = new RedisOptions(_folder.PathOf("redis"));
        await using var server = await RedisServer.StartAsync(options);

        var refused = await Assert.ThrowsAsync<ServiceFailedException>(() => RedisServer.StartAsync(options));

        Assert.Equal($"Redis already runs on {options.DataDirectory} (process {Environment.ProcessId}).", refused.Message);
    }

    private static async Task SetAsync(RedisServer server, string key, string value)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        await redis.GetDatabase().StringSetAsync(key, value);
    }

    private static async Task<string?> GetAsync(RedisServer server, string key)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        return await redis.GetDatabase().StringGetAsync(key);
    }
}
