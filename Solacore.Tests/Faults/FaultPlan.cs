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
}

/// <summary>One thing that goes wrong.</summary>
/// <param name="At">After the start of the load.</param>
/// <param name="Kind">What.</param>
/// <param name="Which">Which copy, where there are several.</param>
/// <param name="Lasts">How long, for what passes by itself.</param>
internal sealed record Fault(TimeSpan At, FaultKind Kind, int Which, TimeSpan Lasts);

/// <summary>Everything that goes wrong in one run, decided by its seed alone, so that a failing seed can be run again.</summary>
internal static class FaultPlan
{
    public static readonly IReadOnlyList<FaultKind> All = Enum.GetValues<FaultKind>();

    /// <summary>What does not need root.</summary>
    public static readonly IReadOnlyList<FaultKind> Unprivileged = [.. All.Except([FaultKind.FillDisk])];

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
                    TimeSpan.FromMilliseconds(random.Next(300, 1_500))))
                .OrderBy(fault => fault.At),
        ];
    }
}
