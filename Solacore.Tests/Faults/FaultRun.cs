using System.Diagnostics;
using System.Net;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Faults;

/// <summary>How one run went.</summary>
/// <param name="Broken">Promises that were not kept; empty when all is well.</param>
internal sealed record FaultReport(int Seed, IReadOnlyList<Fault> Faults, AcknowledgedFacts Facts, IReadOnlyList<string> Broken, TimeSpan Took)
{
    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"seed {Seed}: {string.Join(", ", Faults.Select(fault => fault.Kind))} | {Facts.Webhooks.Count} webhooks, {Facts.Turns.Count} turns, {Facts.Reminders.Count} reminders, {Facts.Crashes} crashes, {Took.TotalSeconds:F1} s | {(Broken.Count == 0 ? "kept" : "BROKEN: " + string.Join("; ", Broken))}");
}

/// <summary>Webhooks, replies, logins and reminders while things go wrong; afterwards every promise is audited.</summary>
internal static class FaultRun
{
    private const int Chatting = 3;
    private const int Signing = 2;
    private const int Paying = 2;

    public static Task<FaultReport> RunAsync(FaultSystem system, int seed, TimeSpan load) => RunAsync(system, seed, load, FaultPlan.Of(seed, system.Breakable, load));

    /// <summary>As planned by hand, also without any fault.</summary>
    public static async Task<FaultReport> RunAsync(FaultSystem system, int seed, TimeSpan load, IReadOnlyList<Fault> faults)
    {
        var started = Stopwatch.GetTimestamp();
        var facts = new AcknowledgedFacts();
        using var until = new CancellationTokenSource(load, TimeProvider.System);
        var work = Enumerable.Range(0, Chatting).Select(n => ChatAsync(system, facts, n, until.Token))
            .Concat(Enumerable.Range(0, Signing).Select(n => SignAsync(system, facts, n, until.Token)))
            .Concat(Enumerable.Range(0, Paying).Select(n => PayAsync(system, facts, n, until.Token)))
            .ToList();
        var breaking = faults.Select(fault => BreakAsync(system, fault, started)).ToList();
        await Task.WhenAll(breaking);
        system.Heal();
        await Task.WhenAll(work);
        var broken = await Auditor.AuditAsync(system, facts);
        return new FaultReport(seed, faults, facts, broken, Stopwatch.GetElapsedTime(started));
    }

    private static async Task BreakAsync(FaultSystem system, Fault fault, long started)
    {
        var wait = fault.At - Stopwatch.GetElapsedTime(started);
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, TimeProvider.System);
        }

        await system.BreakAsync(fault);
    }

    private static async Task ChatAsync(FaultSystem system, AcknowledgedFacts facts, int number, CancellationToken until)
    {
        using var client = new FaultClient(system, facts, number);
        await client.SignUpAsync();
        do
        {
            var session = await client.StartSessionAsync();
            await client.RemindAsync(session, TimeProvider.System.GetUtcNow());
            await client.SayAsync(session, "I keep putting off my thesis");
            await client.SayAsync(session, "I want the first chapter done by Friday");
        }
        while (!until.IsCancellationRequested);
    }

    private static async Task SignAsync(FaultSystem system, AcknowledgedFacts facts, int number, CancellationToken until)
    {
        do
        {
            using var client = new FaultClient(system, facts, number);
            await client.SignUpAsync();
            await client.SignInAgainAsync();
        }
        while (!until.IsCancellationRequested);
    }

    private static async Task PayAsync(FaultSystem system, AcknowledgedFacts facts, int number, CancellationToken until)
    {
        using var client = new FaultClient(system, facts, number);
        await client.SignUpAsync();
        using var sender = new StripeSender();
        do
        {
            var id = $"evt_{Guid.NewGuid():n}";
            var body = StripeSender.Checkout(id, client.Id, $"cus_{client.Id:n}");
            for (var attempt = 0; ; attempt++)
            {
                var status = await sender.DeliverAsync(system.Api(number + attempt), body);
                if (status == HttpStatusCode.OK)
                {
                    facts.Webhooks[id] = client.Id;
                    break;
                }

                if (status is { } refused && (int)refused < 500)
                {
                    facts.Broken.Enqueue($"a signed event was refused with {(int)refused}");
                    return;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
        while (!until.IsCancellationRequested);
    }
}
