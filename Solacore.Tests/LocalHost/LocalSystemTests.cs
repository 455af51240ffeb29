using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.LocalHost;

/// <summary>What a person sees who types ./run: the program itself, with the real services.</summary>
public sealed class LocalSystemTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task everything_starts_stops_on_ctrl_c_and_starts_again_on_the_same_data()
    {
        for (var start = 0; start < 2; start++)
        {
            await using var run = Run(LoopbackPort.Free());
            await run.Ready;
            await run.Host.WaitUntilHealthyAsync(run.ApiHealth, Patience);

            run.Host.Send(UnixSignal.Interrupt);

            Assert.Equal(0, await run.Host.Exited.WaitAsync(Patience));
            Assert.True(LoopbackPort.IsFree(run.Port));
        }
    }

    [Fact]
    public async Task the_way_into_its_database_that_it_prints_works_in_a_folder_of_any_name()
    {
        var data = _folder.PathOf("somebody's data");
        await using var run = new RunningHost(LoopbackPort.Free(), data, []);
        await run.Ready;

        var line = run.Host.LastLines.Single(line => line.Contains("PGPASSWORD=", StringComparison.Ordinal));
        var assignment = line[line.IndexOf("PGPASSWORD=", StringComparison.Ordinal)..line.IndexOf(" psql ", StringComparison.Ordinal)];
        var password = await ServiceProcess.RunToEndAsync(new ServiceOptions("bash", "bash", ["-c", $"{assignment} && echo \"$PGPASSWORD\""]));

        Assert.Equal(await File.ReadAllLinesAsync(Directory.GetFiles(data, "*password*", SearchOption.AllDirectories).Single()), password);
    }

    [Fact]
    public async Task links_in_mails_lead_to_the_port_that_was_chosen()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Reads the settings of a process from /proc");
        await using var run = Run(LoopbackPort.Free());
        await run.Ready;

        var settings = Directory.EnumerateDirectories($"/proc/{run.Host.Id}/task")
            .SelectMany(thread => File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .SelectMany(child => File.ReadAllText($"/proc/{child}/environ").Split('\0'));

        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"API_URL=http://localhost:{run.Port}"), settings);
    }

    [Theory]
    [InlineData("127.0.0.2", "127.0.0.2")]
    [InlineData("::1", "[::1]")]
    [InlineData("0.0.0.0", "localhost")]
    public async Task it_listens_where_it_is_told_to_and_says_so(string host, string address)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Socket.OSSupportsIPv6, "Every address from 127.0.0.1 on is this machine on Linux only.");
        await using var run = Run(LoopbackPort.Free(), ("HOST", host));
        await run.Ready;

        var line = string.Create(CultureInfo.InvariantCulture, $"Try it:      curl http://{address}:{run.Port}/health");
        await Eventually.BeTrueAsync(line, () => run.Host.LastLines.Contains(line));
    }

    [Fact]
    public async Task an_address_of_another_machine_is_named_before_anything_starts()
    {
        await using var run = Run(LoopbackPort.Free(), ("HOST", "192.0.2.1"));

        Assert.Equal(1, await run.Host.Exited.WaitAsync(Patience));
        Assert.Equal(
            [string.Create(
                CultureInfo.InvariantCulture,
                $"Nothing can listen on port {run.Port} of 192.0.2.1: Cannot assign requested address. Choose another port (./run --port) or another HOST.")],
            run.Host.LastLines);
    }

    [Fact]
    public async Task a_second_run_beside_the_first_says_where_the_first_is_and_leaves_it_alone()
    {
        await using var first = Run(LoopbackPort.Free());
        await first.Ready;

        await using var second = Run(LoopbackPort.Free());

        Assert.Equal(1, await second.Host.Exited.WaitAsync(Patience));
        Assert.Equal(
            [string.Create(
                CultureInfo.InvariantCulture,
                $"Solacore already runs on {_folder.PathOf("data")}: http://localhost:{first.Port} (process {first.Host.Id}). Stop it there with Ctrl-C.")],
            second.Host.LastLines);
        await first.Host.WaitUntilHealthyAsync(first.ApiHealth, Patience);
    }

    [Fact]
    public async Task a_port_that_is_taken_is_named_before_anything_starts()
    {
        using var taken = new TcpListener(IPAddress.Loopback, port: 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        await using var run = Run(port);

        Assert.Equal(1, await run.Host.Exited.WaitAsync(Patience));
        Assert.Equal(
            [string.Create(
                CultureInfo.InvariantCulture,
                $"Port {port} is taken by another program. Choose another one: ./run --port {port + 1}")],
            run.Host.LastLines);
        Assert.False(Directory.Exists(_folder.PathOf("data/postgres")));
    }

    [Fact]
    public async Task a_folder_that_cannot_be_made_is_named()
    {
        var file = _folder.PathOf("file");
        await File.WriteAllTextAsync(file, "");

        await using var run = new RunningHost(LoopbackPort.Free(), Path.Combine(file, "data"), []);

        Assert.Equal(1, await run.Host.Exited.WaitAsync(Patience));
        Assert.StartsWith($"Nothing can be kept in {Path.Combine(file, "data")}: ", Assert.Single(run.Host.LastLines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_database_that_the_shell_names_is_left_alone()
    {
        const string elsewhere = "postgresql://somebody@127.0.0.1:1/elsewhere";

        await using var run = Run(
            LoopbackPort.Free(), ("DATABASE_DIRECT_URL", elsewhere), ("connectionstrings__solacore-direct", elsewhere), ("DATABASE_POOLED", "perhaps"));

        await run.Ready;
    }

    [Fact]
    public async Task a_part_that_dies_takes_the_rest_down_and_is_named()
    {
        await using var run = Run(LoopbackPort.Free());
        await run.Ready;

        UnixSignals.Send(await ReadPidAsync("data/redis/redis.pid"), UnixSignal.Kill);

        Assert.Equal(1, await run.Host.Exited.WaitAsync(Patience));
        Assert.Contains(run.Host.LastLines, line => line.StartsWith("Redis ended with exit code 137", StringComparison.Ordinal));
        Assert.True(LoopbackPort.IsFree(run.Port));
    }

    [Fact]
    public async Task nothing_outlives_a_killed_host()
    {
        await using var run = Run(LoopbackPort.Free());
        await run.Ready;

        run.Host.Send(UnixSignal.Kill);
        await run.Host.Exited;

        // Both refuse a folder whose server still runs.
        await using var postgres = await PostgresServer.StartAsync(new(_folder.PathOf("data/postgres")));
        await using var redis = await RedisServer.StartAsync(new(_folder.PathOf("data/redis")));
        Assert.True(LoopbackPort.IsFree(run.Port));
    }

    private RunningHost Run(int port, params IEnumerable<(string Name, string Value)> environment) => new(port, _folder.PathOf("data"), environment);

    private async Task<int> ReadPidAsync(string file) =>
        int.Parse(await File.ReadAllTextAsync(_folder.PathOf(file)), CultureInfo.InvariantCulture);

    private sealed class RunningHost : IAsyncDisposable
    {
        private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public RunningHost(int port, string dataDirectory, IEnumerable<(string Name, string Value)> environment)
        {
            Port = port;
            string[] arguments = ["--port", port.ToString(CultureInfo.InvariantCulture), "--data", dataDirectory];
            Host = ServiceProcess.Start(ServiceOptions.ForAssembly("run", BuildOutput.HostAssembly, arguments) with
            {
                Environment = environment.ToDictionary(variable => variable.Name, string? (variable) => variable.Value, StringComparer.Ordinal),
                OnLine = line =>
                {
                    if (line.StartsWith("Solacore is ready", StringComparison.Ordinal))
                    {
                        _ready.TrySetResult();
                    }
                },
            });
        }

        public int Port { get; }

        public ServiceProcess Host { get; }

        public Uri ApiHealth => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port}/health/ready"));

        /// <summary>Ends when the addresses are printed; fails with the output when the host ends before.</summary>
        public Task Ready => Host.WaitUntilAsync(_ => Task.FromResult(_ready.Task.IsCompleted), Patience, CancellationToken.None);

        public ValueTask DisposeAsync() => Host.DisposeAsync();
    }
}
