using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Solacore.ServiceDefaults;

namespace Solacore.LocalHost;

/// <summary>The whole of Solacore on this machine: Postgres, Redis, migrations, api and worker as processes of their own.</summary>
internal sealed class LocalSystem
{
    private const int Succeeded = 0;
    private const int Killed = 130;
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(60);

    private readonly LocalSystemOptions _options;
    private readonly ServiceEnvironment _environment;
    private readonly Terminal _terminal;
    private readonly List<ServiceProcess> _parts = [];
    private readonly Lock _partsLock = new();

    private PostgresServer? _postgres;
    private RedisServer? _redis;
    private ServiceProcess? _api;
    private ServiceProcess? _worker;

    private LocalSystem(LocalSystemOptions options, ServiceEnvironment environment, Terminal terminal)
    {
        _options = options;
        _environment = environment;
        _terminal = terminal;
    }

    private string ApiAddress => AddressOf(_options.ApiPort);

    private int ApiInternalPort { get; } = LoopbackPort.Free();

    private int WorkerInternalPort { get; } = LoopbackPort.Free();

    /// <summary>Starts everything, and stops everything when a signal asks for it or a part dies.</summary>
    /// <returns>The exit code: 0 after a clean stop, 130 after one that had to kill.</returns>
    /// <exception cref="ServiceFailedException">It cannot start, or a part died; the message says why.</exception>
    public static async Task<int> RunAsync(LocalSystemOptions options, ServiceEnvironment environment, Terminal terminal, StopSignals signals)
    {
        var system = new LocalSystem(options, environment, terminal);
        using var directoryLock = system.LockData();
        system.RequirePort();

        var started = TimeProvider.System.GetTimestamp();
        try
        {
            await system.StartAsync(signals.Stop);
            system.WriteAddresses(TimeProvider.System.GetElapsedTime(started));
            await system.ThrowIfAnyExitsAsync(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, signals.Stop));
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            terminal.WriteLine("Stopping; Ctrl-C once more kills what is slow to stop.");
        }
        finally
        {
            await system.StopAsync(signals.Kill);
        }

        return signals.Kill.IsCancellationRequested ? Killed : Succeeded;
    }

    private DirectoryLock LockData()
    {
        var directory = _options.DataDirectory;
        try
        {
            Directory.CreateDirectory(directory);
            return DirectoryLock.TryAcquire(directory, Invariant($"{ApiAddress} (process {Environment.ProcessId})"))
                ?? throw new ServiceFailedException(
                    $"Solacore already runs on {directory}: {DirectoryLock.ReadNote(directory)}. Stop it there with Ctrl-C.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ServiceFailedException($"Nothing can be kept in {directory}: {e.Message} Choose another folder: ./run --data DIR", e);
        }
    }

    private void RequirePort()
    {
        var (port, address) = (_options.ApiPort, _options.Address);
        switch (address.Equals(IPAddress.Loopback) ? LoopbackPort.WhyNot(port) : PortProbe.WhyNot(address, port))
        {
            case { SocketErrorCode: SocketError.AddressAlreadyInUse }:
                throw new ServiceFailedException(Invariant($"Port {port} is taken by another program. Choose another one: ./run --port {port + 1}"));
            case { } why:
                throw new ServiceFailedException(
                    Invariant($"Nothing can listen on port {port} of {address}: {why.Message}. Choose another port (./run --port) or another HOST."), why);
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>As a person types it.</summary>
    private string AddressOf(int port) =>
        _options.Address.Equals(IPAddress.Loopback) ? Invariant($"http://localhost:{port}") : $"http://{new IPEndPoint(_options.Address, port)}";

    private Uri Ready(int port) => new($"http://{new IPEndPoint(_options.Address, port)}/health/ready");

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(StartPostgresAsync(cancellationToken), StartRedisAsync(cancellationToken));
        await ThrowIfAnyExitsAsync(ServiceProcess.RunToEndAsync(
            Service(SystemNames.Migrations, BuildOutput.WorkerAssembly, [SystemNames.MigrateCommand]), cancellationToken));

        _api = StartService(SystemNames.Api, BuildOutput.ApiAssembly, ApiInternalPort, (SettingNames.Port, Invariant($"{_options.ApiPort}")));
        _worker = StartService(
            SystemNames.Worker, BuildOutput.WorkerAssembly, WorkerInternalPort, (SettingNames.ApiUrl, _environment.Find(SettingNames.ApiUrl) ?? ApiAddress));
        await ThrowIfAnyExitsAsync(Task.WhenAll(
            _api.WaitUntilHealthyAsync(Ready(_options.ApiPort), HealthTimeout, cancellationToken),
            _worker.WaitUntilHealthyAsync(Ready(WorkerInternalPort), HealthTimeout, cancellationToken)));
    }

    private async Task StartPostgresAsync(CancellationToken cancellationToken)
    {
        var directory = PostgresDirectory.In(_options.DataDirectory);
        _postgres = await PostgresServer.StartAsync(new(directory) { OnLine = line => _terminal.WriteLine(SystemNames.Postgres, line) }, cancellationToken);
        Watch(_postgres.Process);
        if (!await _postgres.HasDatabaseAsync(SystemNames.Database, cancellationToken))
        {
            await _postgres.CreateDatabaseAsync(SystemNames.Database, cancellationToken: cancellationToken);
        }
    }

    private async Task StartRedisAsync(CancellationToken cancellationToken)
    {
        var directory = Path.Combine(_options.DataDirectory, "redis");
        _redis = await RedisServer.StartAsync(new(directory) { OnLine = line => _terminal.WriteLine(SystemNames.Redis, line) }, cancellationToken);
        Watch(_redis.Process);
    }

    private ServiceProcess StartService(string name, string assembly, int internalPort, params IEnumerable<(string Name, string Value)> environment)
    {
        var service = ServiceProcess.Start(Service(name, assembly, [], [(SystemNames.InternalPort, Invariant($"{internalPort}")), .. environment]));
        Watch(service);
        return service;
    }

    private ServiceOptions Service(string name, string assembly, IReadOnlyList<string> arguments, params IEnumerable<(string Name, string Value)> environment) =>
        ServiceOptions.ForAssembly(name, assembly, arguments) with
        {
            Environment = _environment.For(_options.DataDirectory, _postgres!.ConnectionString(SystemNames.Database), _redis!.ConnectionString, environment),
            WorkingDirectory = Path.GetDirectoryName(assembly),
            OnLine = line => _terminal.WriteLine(name, line),
        };

    private void Watch(ServiceProcess part)
    {
        lock (_partsLock)
        {
            _parts.Add(part);
        }
    }

    /// <summary>Waits for <paramref name="work"/>, or throws as soon as a part that should run has ended.</summary>
    private async Task ThrowIfAnyExitsAsync(Task work)
    {
        ServiceProcess[] parts;
        lock (_partsLock)
        {
            parts = [.. _parts];
        }

        if (await Task.WhenAny([work, .. parts.Select(part => part.Exited)]) == work)
        {
            await work;
            return;
        }

        var dead = parts.First(part => part.Exited.IsCompleted);
        throw dead.Failure(Invariant($"{dead.Name} ended with exit code {await dead.Exited}"));
    }

    /// <summary>
    /// The services first, so that they can finish what they do; then the servers that they need for it. The servers are
    /// quick and always get the time for an orderly end.
    /// </summary>
    private async Task StopAsync(CancellationToken killServices)
    {
        await Task.WhenAll(StopAsync(_api, killServices), StopAsync(_worker, killServices));
        await Task.WhenAll(StopAsync(_redis?.Process, CancellationToken.None), StopAsync(_postgres?.Process, CancellationToken.None));
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }

        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    private async Task StopAsync(ServiceProcess? part, CancellationToken kill)
    {
        if (part is not null && !await part.StopAsync(kill))
        {
            _terminal.WriteLine($"{part.Name} did not stop by itself and was killed.");
        }
    }

    private void WriteAddresses(TimeSpan elapsed)
    {
        var postgres = _postgres!;
        _terminal.WriteLine(Invariant(
            $"""

             Solacore is ready after {elapsed.TotalSeconds:0.0} s.

               api        {ApiAddress}
               docs       {ApiAddress}/docs
               metrics    {AddressOf(ApiInternalPort)}/metrics (api), {AddressOf(WorkerInternalPort)}/metrics (worker)
               postgres   PGPASSWORD=$(cat '{postgres.PasswordFile.Replace("'", @"'\''", StringComparison.Ordinal)}') psql -h 127.0.0.1 -p {postgres.Port} -U {PostgresServer.UserName} {SystemNames.Database}
               redis      redis-cli -p {_redis!.Port}
               data       {_options.DataDirectory}

             Try it:      curl {ApiAddress}/health
             Ctrl-C stops everything; the data is there at the next start.

             """));
    }
}
