using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Solacore.Core.Billing;
using Solacore.Core.Jobs;
using Solacore.Tests.Infrastructure;

namespace Solacore.Tests.Billing;

/// <summary>Deliveries that share a commit stay strangers to one another.</summary>
public sealed class WebhookInboxTests(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int Deliveries = 300;

    [Fact]
    public async Task deliveries_at_one_time_share_commits_and_each_is_stored_with_its_job()
    {
        var answers = await DeliverAsync("shared");

        Assert.All(answers, answer => Assert.Equal((WebhookReceipt.Stored, null), answer));
        Assert.Equal(
            (Deliveries, Deliveries),
            (await CountAsync("from webhook_events where event_id like 'shared_%'"),
                await CountAsync("from webhook_events e join jobs j on j.payload->>'event_id' = e.id::text where e.event_id like 'shared_%' and j.serial_key = 'stripe:cus_' || e.event_id")));
        Assert.InRange(await database.ScalarAsync<long>("select count(distinct xmin::text) from webhook_events where event_id like 'shared_%'"), 1, Deliveries / 2);
    }

    [Fact]
    public async Task a_delivery_that_the_database_refuses_fails_alone()
    {
        await database.ExecuteAsync("alter table webhook_events add constraint refused check (event_id <> 'alone_77')");
        var answers = await DeliverAsync("alone");
        await database.ExecuteAsync("alter table webhook_events drop constraint refused");

        Assert.Equal((null, PostgresErrorCodes.CheckViolation), answers[77]);
        Assert.All(answers.Where((_, n) => n != 77), answer => Assert.Equal((WebhookReceipt.Stored, null), answer));
        Assert.Equal(Deliveries - 1, await CountAsync("from webhook_events where event_id like 'alone_%'"));
    }

    [Fact]
    public async Task a_type_that_is_cut_in_the_middle_of_a_character_is_stored_beside_the_others()
    {
        var answers = await DeliverAsync("cut", n => n == 77 ? "x" + string.Concat(Enumerable.Repeat("🦔", 60)) : null);

        Assert.All(answers, answer => Assert.Equal((WebhookReceipt.Stored, null), answer));
        Assert.Equal(
            "x" + string.Concat(Enumerable.Repeat("🦔", 49)),
            await database.ScalarAsync<string>("select event_type from webhook_events where event_id = 'cut_77'"));
    }

    [Fact]
    public async Task a_delivery_after_a_restart_of_the_server_is_stored_although_the_pooled_connections_are_dead()
    {
        await using var pool = NpgsqlDataSource.Create(database.ConnectionString + ";Application Name=restarted");
        await using var hint = new WakeHint(pool, NullLogger<WakeHint>.Instance);
        await using var inbox = new WebhookInbox(pool, hint);
        Assert.Equal((WebhookReceipt.Stored, null), await DeliverOneAsync(inbox, "restart_1"));
        Assert.True(await CountAsync("from (select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'restarted') ended") > 0);

        Assert.Equal((WebhookReceipt.Stored, null), await DeliverOneAsync(inbox, "restart_2"));
        Assert.Equal((WebhookReceipt.Known, null), await DeliverOneAsync(inbox, "restart_2"));
        Assert.Equal(2, await CountAsync("from webhook_events e join jobs j on j.payload->>'event_id' = e.id::text where e.event_id like 'restart_%'"));
    }

    private async Task<(WebhookReceipt? Receipt, string? Error)[]> DeliverAsync(string name, Func<int, string?>? type = null)
    {
        await using var hint = new WakeHint(database.DataSource, NullLogger<WakeHint>.Instance);
        await using var inbox = new WebhookInbox(database.DataSource, hint);
        return await Task.WhenAll(Enumerable.Range(0, Deliveries).Select(n => DeliverOneAsync(inbox, $"{name}_{n}", type?.Invoke(n))));
    }

    private static async Task<(WebhookReceipt? Receipt, string? Error)> DeliverOneAsync(WebhookInbox inbox, string eventId, string? type = null)
    {
        var body = Encoding.UTF8.GetBytes($$$"""{"id":"{{{eventId}}}","type":"{{{type ?? "invoice.paid"}}}","data":{"object":{"customer":"cus_{{{eventId}}}"} } }""");
        try
        {
            return (await inbox.AcceptAsync(BillingSource.Stripe, body, CancellationToken.None), null);
        }
        catch (PostgresException e)
        {
            return (null, e.SqlState);
        }
    }

    private async Task<int> CountAsync(string from) => (int)await database.ScalarAsync<long>("select count(*) " + from);
}
