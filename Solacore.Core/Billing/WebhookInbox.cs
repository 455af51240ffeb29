using System.Data;
using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing;

/// <summary>Names the stored event that a job applies.</summary>
public sealed record ApplyWebhook(Guid EventId);

/// <summary>What became of a delivery.</summary>
public enum WebhookReceipt
{
    /// <summary>It is on disk, with the job that applies it.</summary>
    Stored,

    /// <summary>It was stored by an earlier delivery.</summary>
    Known,

    /// <summary>The body is no JSON object; nothing was stored.</summary>
    NoEvent,
}

/// <summary>The door of the inbox.</summary>
public sealed class WebhookInbox(NpgsqlDataSource dataSource, WakeHint wakeHint)
{
    /// <summary>Applies one stored event.</summary>
    public static readonly JobKind<ApplyWebhook> Apply =
        new("webhooks.apply", JobLane.Webhooks, RetryPolicy.Standard, TimeSpan.FromSeconds(60));

    // One statement, so one round trip and one commit: an event and its job exist together or not at all. A second
    // delivery finds the first and adds no job. Plain SQL because EF Core takes three round trips for the same.
    private const string InsertEventAndJob =
        """
        with received as (
            insert into webhook_events (id, source, event_id, event_type, body, payload_hash, provider_time, customer_key)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (source, event_id) do nothing
            returning id)
        insert into jobs (lane, kind, payload, serial_key, max_attempts, traceparent)
        select $9, $10, jsonb_build_object('event_id', id), $11, $12, $13 from received
        """;

    /// <summary>Stores an authentic event and its job. When this returns, both are on disk.</summary>
    /// <param name="source">Who sent it.</param>
    /// <param name="body">The bytes as they came.</param>
    public async Task<WebhookReceipt> AcceptAsync(BillingSource source, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var document = LenientJson.ParseObject(body);
        if (document is null)
        {
            return WebhookReceipt.NoEvent;
        }

        var (envelope, hash) = source switch
        {
            BillingSource.Stripe => (StripeEventReader.ReadEnvelope(document.RootElement), EventIdentity.Hash(body.Span)),
            BillingSource.RevenueCat => (RevenueCatEventReader.ReadEnvelope(document.RootElement), EventIdentity.SortedHash(document.RootElement)),
            _ => throw new ArgumentOutOfRangeException(nameof(source), source, message: null),
        };
        return await StoreAsync(source, envelope, body, hash, cancellationToken) ? WebhookReceipt.Stored : WebhookReceipt.Known;
    }

    private async Task<bool> StoreAsync(
        BillingSource source, EventEnvelope envelope, ReadOnlyMemory<byte> body, string payloadHash, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(InsertEventAndJob);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Guid.CreateVersion7() });
        Add(command, NpgsqlDbType.Text, source.Name());
        Add(command, NpgsqlDbType.Text, envelope.EventId);
        Add(command, NpgsqlDbType.Text, envelope.EventType);
        command.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = body, NpgsqlDbType = NpgsqlDbType.Bytea });
        Add(command, NpgsqlDbType.Text, payloadHash);
        Add(command, NpgsqlDbType.TimestampTz, envelope.ProviderTime);
        Add(command, NpgsqlDbType.Text, envelope.CustomerKey);
        Add(command, NpgsqlDbType.Text, Apply.Lane.Name);
        Add(command, NpgsqlDbType.Text, Apply.Name);
        Add(command, NpgsqlDbType.Text, envelope.CustomerKey is { } key ? $"{source.Name()}:{key}" : null);
        Add(command, NpgsqlDbType.Integer, Apply.Retry.MaxAttempts);
        Add(command, NpgsqlDbType.Text, Activity.Current?.Id);
        var isNew = await command.ExecuteNonQueryAsync(cancellationToken) == 1;
        if (isNew)
        {
            wakeHint.Signal(Apply.Lane.Name);
        }

        return isNew;
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object? value) =>
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value, Direction = ParameterDirection.Input });
}
