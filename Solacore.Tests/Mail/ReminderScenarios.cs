using Solacore.LocalHost;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Mail;

/// <summary>Reminders of real worker processes, which die in the middle of it.</summary>
public sealed class ReminderScenarios(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int Rounds = 4;
    private const int PerRound = 100;

    // Four connections of the killed worker, each with at most one mail in the server's hands and not yet in our database.
    private const int MostAtRisk = 4;

    [Fact]
    public async Task each_reminder_is_sent_once_whoever_of_three_workers_dies()
    {
        await using var smtp = SmtpStandIn.Start();
        smtp.Thinking = TimeSpan.FromMilliseconds(30);
        await using var system = await RunningSystem.StartAsync(
            database.ConnectionString, (await SharedServers.Redis).ConnectionString, apis: 0, workers: 3, MailHost.Settings(smtp));
        await database.ExecuteAsync(
            "insert into users (id, email) select gen_random_uuid(), 'user' || n || '@example.com' from generate_series(1, $1) n", Rounds * PerRound);
        for (var round = 1; round <= Rounds; round++)
        {
            await database.ExecuteAsync(
                """
                insert into solve_sessions (id, user_id, reminder_time)
                select gen_random_uuid(), id, now() from users where id not in (select user_id from solve_sessions) limit $1
                """,
                PerRound);
            await database.ExecuteAsync("update recurring_jobs set next_run_at = now() where name = 'reminders.queue'");
            var inTheMiddle = ((round - 1) * PerRound) + (PerRound / 4);
            await Eventually.BeTrueAsync("a burst under way", () => Task.FromResult(smtp.Taken.Count > inTheMiddle));
            await system.Workers[round % 3].KillAsync();
            system.Workers[round % 3] = await ReplaceAsync(system);
        }

        await Eventually.BeTrueAsync(
            "every reminder marked",
            async () => await database.ScalarAsync<long>("select count(*) from solve_sessions where reminder_sent") == Rounds * PerRound,
            TimeSpan.FromSeconds(60));
        Assert.Equal(Rounds * PerRound, smtp.Taken.Select(m => m.MessageId).Distinct().Count());
        Assert.InRange(smtp.Taken.Count - (Rounds * PerRound), 0, Rounds * MostAtRisk);
        Assert.Equal(Rounds * PerRound, await database.ScalarAsync<long>("select count(*) from analytics_events where event_type = 'reminder_sent'"));
        Assert.DoesNotContain(system.Log, line => line.Contains("example.com", StringComparison.Ordinal));
    }

    private static async Task<ServiceProcess> ReplaceAsync(RunningSystem system)
    {
        var worker = await system.StartWorkerAsync();
        system.Workers.Remove(worker);
        return worker;
    }
}
