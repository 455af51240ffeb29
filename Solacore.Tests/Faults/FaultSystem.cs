using System.Collections.Concurrent;
using System.Net.Sockets;
using Npgsql;
using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Faults;

/// <summary>Two apis, two workers and everything that they depend on, all of it breakable.</summary>
internal sealed class FaultSystem : IAsyncDisposable
{
    private const int Copies = 2;

    private static readonly ModelScript Talkative = new()
    {
        Pieces = [.. Enumerable.Range(0, 20).Select(n => $"word{n} ")],
        Between = TimeSpan.FromMilliseconds(30),
    };

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _parts = new(StringComparer.Ordinal);
    private readonly string _folder;
    private readonly PostgresServer _postgres;
    private readonly RedisServer _redis;
    private readonly ModelStandIn _model;
    private readonly RunningSystem _system;
    private readonly FaultDisk? _disk;
    private readonly FaultClock? _clock;

    private FaultSystem(
        string folder, FaultDisk? disk, FaultClock? clock, PostgresServer postgres, RedisServer redis, ModelStandIn model, SmtpStandIn mail, RunningSystem system)
    {
        (_folder, _disk, _clock, _postgres, _redis, _model, _system) = (folder, disk, clock, postgres, redis, model, system);
        Mail = mail;

        // Unpooled: a pooled connection of before would answer with the death of its server.
        Database = NpgsqlDataSource.Create(postgres.ConnectionString("solacore") + ";Pooling=false");
        Heal();
    }

    public NpgsqlDataSource Database { get; }

    /// <summary>What can go wrong here.</summary>
    public IReadOnlyList<FaultKind> Breakable =>
        [.. FaultPlan.Always, .. _disk is null ? [] : FaultPlan.Disk, .. _clock is null ? [] : FaultPlan.Clock];

    public SmtpStandIn Mail { get; }

    public string RedisConnection => _redis.ConnectionString;

    /// <summary>The apis and workers that run now.</summary>
    public IEnumerable<(string Name, int ProcessId)> Processes => _system.Apis.Select((api, n) => ($"api {n}", api.Process.Id))
        .Concat(_system.Workers.Select((worker, n) => ($"worker {n}", worker.Id)));

    /// <summary>Every line that any service wrote.</summary>
    public IEnumerable<string> Log => _system.Log;

    /// <summary>Workers that died or broke off in the middle of something: each may have mails out that nobody noted.</summary>
    public int WorkerDeaths { get; private set; }

    /// <summary>An api to talk to, in turn; it may be dead.</summary>
    public Uri Api(int n) => _system.Apis[(n & int.MaxValue) % _system.Apis.Count].Address;

    /// <param name="withDisk">The disk of Postgres is one that can be filled, see <see cref="FaultDisk"/>.</param>
    /// <param name="withClocks">The clocks of services and Postgres can be set, see <see cref="FaultClock"/>.</param>
    public static async Task<FaultSystem> StartAsync(bool withDisk = false, bool withClocks = false)
    {
        var folder = Directory.CreateTempSubdirectory("solacore-faults-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.OtherExecute);
        }

        var data = Path.Combine(folder, "postgres");
        var disk = withDisk ? await FaultDisk.MountAsync(data) : null;
        var clock = withClocks ? await FaultClock.BuildAsync(folder) : null;
        var clocks = clock?.Environment ?? new Dictionary<string, string?>();
        var postgres = await PostgresServer.StartAsync(new PostgresOptions(data) { Environment = clocks });
        await postgres.CreateDatabaseAsync("solacore");
        await RunningSystem.MigrateAsync(postgres.ConnectionString("solacore"));
        var redis = await RedisServer.StartAsync(new RedisOptions(Path.Combine(folder, "redis")));
        var model = await ModelStandIn.StartAsync();
        var mail = SmtpStandIn.Start();
        var system = await RunningSystem.StartAsync(
            postgres.ConnectionString("solacore"),
            redis.ConnectionString,
            apis: Copies,
            workers: Copies,
            new Dictionary<string, string?>(clocks, StringComparer.Ordinal)
            {
                ["OPENAI_API_KEY"] = "not-a-key",
                ["OPENAI_BASE_URL"] = model.BaseUrl,
                ["LLM_FIRST_TOKEN_TIMEOUT"] = "2",
                ["LLM_TOKEN_TIMEOUT"] = "2",
                ["BETA_MODE"] = "true",
                ["SMTP_ENABLED"] = "true",
                ["SMTP_HOST"] = "127.0.0.1",
                ["SMTP_PORT"] = mail.Port,
            });
        return new FaultSystem(folder, disk, clock, postgres, redis, model, mail, system);
    }

    /// <summary>
    /// Lets something go wrong, and back to where it was except for what was lost. What is broken already is broken again
    /// once it is back: two restarts of one server at a time would fail each other.
    /// </summary>
    public async Task BreakAsync(Fault fault)
    {
        var part = _parts.GetOrAdd(PartOf(fault), _ => new SemaphoreSlim(1));
        await part.WaitAsync();
        try
        {
            await BreakNowAsync(fault);
        }
        finally
        {
            part.Release();
        }
    }

    private static string PartOf(Fault fault) => fault.Kind switch
    {
        FaultKind.KillApi or FaultKind.StopApi or FaultKind.FreezeApi or FaultKind.JumpApiClock => $"api {fault.Which}",
        FaultKind.KillWorker or FaultKind.StopWorker or FaultKind.FreezeWorker or FaultKind.JumpWorkerClock => $"worker {fault.Which}",
        FaultKind.KillPostgres or FaultKind.CutConnections or FaultKind.FillDisk or FaultKind.JumpPostgresClock => "postgres",
        FaultKind.KillRedis or FaultKind.EmptyRedis => "redis",
        FaultKind.BreakModel or FaultKind.HangModel or FaultKind.CutModel => "model",
        FaultKind.BreakMail => "mail",
        FaultKind.SlowClients => "clients",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, message: null),
    };

    private Task BreakNowAsync(Fault fault) => fault.Kind switch
    {
        FaultKind.KillApi => ReplaceApiAsync(fault.Which, api => api.KillAsync()),
        FaultKind.StopApi => ReplaceApiAsync(fault.Which, api => api.StopAsync()),
        FaultKind.KillWorker => ReplaceWorkerAsync(fault.Which, worker => worker.KillAsync()),
        FaultKind.StopWorker => ReplaceWorkerAsync(fault.Which, worker => worker.StopAsync()),
        FaultKind.FreezeApi => FreezeAsync(_system.Apis[fault.Which].Process, fault.Lasts),
        FaultKind.FreezeWorker => FreezeAsync(_system.Workers[fault.Which], fault.Lasts),
        FaultKind.KillPostgres => KillPostgresAsync(),
        FaultKind.CutConnections => CutConnectionsAsync(),
        FaultKind.KillRedis => KillRedisAsync(fault.Lasts),
        FaultKind.EmptyRedis => _redis.FlushAllAsync(),
        FaultKind.BreakModel => ScriptAsync(Talkative with { Status = 500 }, fault.Lasts),
        FaultKind.HangModel => ScriptAsync(Talkative with { BeforeFirst = TimeSpan.FromSeconds(10) }, fault.Lasts),
        FaultKind.CutModel => ScriptAsync(Talkative with { CutAfter = 5 }, fault.Lasts),
        FaultKind.BreakMail => BreakMailAsync(fault.Lasts),
        FaultKind.SlowClients => HoldConnectionsAsync(fault.Lasts),
        FaultKind.FillDisk => FillDiskAsync(fault.Lasts),
        FaultKind.JumpApiClock => SetClockAsync(_system.Apis[fault.Which].Process.Id, fault),
        FaultKind.JumpWorkerClock => SetClockAsync(_system.Workers[fault.Which].Id, fault),
        FaultKind.JumpPostgresClock => SetPostgresClockAsync(fault),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, message: null),
    };

    /// <summary>Model and mail server work as they should.</summary>
    public void Heal()
    {
        _model.Script = Talkative;
        Mail.Fault = (_, _) => SmtpFault.None;
    }

    private async Task ReplaceApiAsync(int which, Func<ServiceProcess, Task> end)
    {
        var old = _system.Apis[which];
        await end(old.Process);
        var fresh = await _system.StartApiAsync();
        lock (_system.Apis)
        {
            // In the place of the old one, so that both places stay taken.
            _system.Apis.Remove(fresh);
            _system.Apis[which] = fresh;
        }
    }

    private async Task ReplaceWorkerAsync(int which, Func<ServiceProcess, Task> end)
    {
        WorkerDeaths++;
        await end(_system.Workers[which]);
        var fresh = await _system.StartWorkerAsync();
        lock (_system.Workers)
        {
            _system.Workers.Remove(fresh);
            _system.Workers[which] = fresh;
        }
    }

    private static async Task FreezeAsync(ServiceProcess process, TimeSpan time)
    {
        process.Pause();
        await PassAsync(time);
        process.Resume();
    }

    private async Task KillPostgresAsync()
    {
        WorkerDeaths += Copies;
        await _postgres.KillAsync();
        await _postgres.RestartAsync();
    }

    private async Task KillRedisAsync(TimeSpan time)
    {
        await _redis.KillAsync();
        await PassAsync(time);
        await _redis.RestartAsync();
    }

    private async Task BreakMailAsync(TimeSpan time)
    {
        WorkerDeaths += Copies;
        Mail.Fault = (_, tries) => (SmtpFault)(tries % 3) switch
        {
            SmtpFault.RecipientBusy => SmtpFault.NoSpace,
            SmtpFault.None => SmtpFault.Cut,
            _ => SmtpFault.CutAfterAcceptance,
        };
        await PassAsync(time);
        Heal();
    }

    private async Task FillDiskAsync(TimeSpan time)
    {
        WorkerDeaths += Copies;
        using (_disk!.Fill())
        {
            await PassAsync(time);
        }

        await _postgres.KillAsync();
        await _postgres.RestartAsync();
    }

    private Task SetPostgresClockAsync(Fault fault)
    {
        // Ahead of its time it takes living workers for dead.
        WorkerDeaths += Copies;
        return SetClockAsync(_postgres.ProcessId, fault);
    }

    private async Task SetClockAsync(int processId, Fault fault)
    {
        using var set = _clock!.Set(processId, fault.Jump);
        await PassAsync(fault.Lasts);
    }

    private async Task ScriptAsync(ModelScript script, TimeSpan time)
    {
        _model.Script = script;
        await PassAsync(time);
        Heal();
    }

    private async Task CutConnectionsAsync()
    {
        WorkerDeaths += Copies;
        await using var command = Database.CreateCommand(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        await command.ExecuteNonQueryAsync();
    }

    private async Task HoldConnectionsAsync(TimeSpan time)
    {
        var held = new List<Socket>();
        try
        {
            for (var n = 0; n < 50; n++)
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                held.Add(socket);
                await socket.ConnectAsync(Api(n).Host, Api(n).Port);
                if (n % 2 == 0)
                {
                    await socket.SendAsync("POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());
                }
            }

            await PassAsync(time);
        }
        catch (SocketException)
        {
            // The api is down as well: another fault of the same run.
        }
        finally
        {
            held.ForEach(socket => socket.Dispose());
        }
    }

    private static Task PassAsync(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _system.DisposeAsync();
        await _model.DisposeAsync();
        await Mail.DisposeAsync();
        await _redis.DisposeAsync();
        await _postgres.DisposeAsync();
        if (_disk is not null)
        {
            await _disk.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
