namespace Solacore.Tests.Faults;

/// <summary>What can go wrong on its own.</summary>
internal enum FaultKind
{
    /// <summary>SIGKILL; another one is started.</summary>
    KillApi,
    KillWorker,

    /// <summary>SIGTERM: the process drains; another one is started.</summary>
    StopApi,
    StopWorker,

    /// <summary>SIGSTOP for a while: sockets stay open and nobody answers.</summary>
    FreezeApi,
    FreezeWorker,

    KillPostgres,

    /// <summary>Every connection to the database is cut by the server.</summary>
    CutConnections,
    KillRedis,
    EmptyRedis,

    /// <summary>The model provider answers 500, hangs, or cuts its streams.</summary>
    BreakModel,
    HangModel,
    CutModel,

    /// <summary>The mail server refuses, or breaks off before or after it has taken a mail.</summary>
    BreakMail,

    /// <summary>Clients that do not read, and connections that are opened and left alone.</summary>
    SlowClients,

    /// <summary>The disk of Postgres is full for a while; whoever makes room starts it anew.</summary>
    FillDisk,

    /// <summary>The clock of one machine jumps, ahead or back by up to a minute, and back again.</summary>
    JumpApiClock,
    JumpWorkerClock,
    JumpPostgresClock,
}

/// <summary>One thing that goes wrong.</summary>
/// <param name="At">After the start of the load.</param>
/// <param name="Kind">What.</param>
/// <param name="Which">Which copy, where there are several.</param>
/// <param name="Lasts">How long, for what passes by itself.</param>
/// <param name="Jump">How far ahead of the true time a clock is set; negative for behind it.</param>
internal sealed record Fault(TimeSpan At, FaultKind Kind, int Which, TimeSpan Lasts, TimeSpan Jump);

/// <summary>Everything that goes wrong in one run, decided by its seed alone, so that a failing seed can be run again.</summary>
internal static class FaultPlan
{
    /// <summary>What needs nothing special.</summary>
    public static readonly IReadOnlyList<FaultKind> Always = [.. Enum.GetValues<FaultKind>().Except([.. Disk, .. Clock])];

    /// <summary>What needs a <see cref="FaultDisk"/>.</summary>
    public static IReadOnlyList<FaultKind> Disk => [FaultKind.FillDisk];

    /// <summary>What needs a <see cref="FaultClock"/>.</summary>
    public static IReadOnlyList<FaultKind> Clock => [FaultKind.JumpApiClock, FaultKind.JumpWorkerClock, FaultKind.JumpPostgresClock];

    /// <param name="seed">Decides everything.</param>
    /// <param name="kinds">What may go wrong.</param>
    /// <param name="load">How long the load lasts; the faults begin in its first two thirds.</param>
    public static IReadOnlyList<Fault> Of(int seed, IReadOnlyList<FaultKind> kinds, TimeSpan load)
    {
        var random = new Random(seed);
        return
        [
            .. Enumerable.Range(0, random.Next(2, 5))
                .Select(_ => new Fault(
                    load * (0.1 + (random.NextDouble() * 0.6)),
                    kinds[random.Next(kinds.Count)],
                    random.Next(2),
                    TimeSpan.FromMilliseconds(random.Next(300, 1_500)),
                    TimeSpan.FromSeconds(random.Next(-60, 61))))
                .OrderBy(fault => fault.At),
        ];
    }
}
