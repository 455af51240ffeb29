using System.Diagnostics;
using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;
using Solacore.Core.Data;
using Solacore.Core.Jobs;

namespace Solacore.Core.Billing;

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

/// <summary>
/// Entry point of the inbox. Deliveries that arrive while a commit is under way share the next one: under load the cost
/// of a commit is paid once for many, and an idle inbox adds no wait. Each delivery is answered after the commit that
/// holds it, and fails alone on an error of its own.
/// </summary>
public sealed class WebhookInbox(NpgsqlDataSource dataSource, WakeHint wakeHint) : IAsyncDisposable
{
    /// <summary>Two: while one waits for the disk, the other collects.</summary>
    private const int Writers = 2;

    private const int LargestBatch = 128;

    /// <summary>Bytes of bodies in one statement; a body alone may be larger.</summary>
    private const int HeaviestBatch = 1024 * 1024;

    // One statement, so one round trip and one commit for all: an event and its job exist together or not at all. A
    // second delivery finds the first and adds no job, also within one statement. Plain SQL because it is the hot path.
    private const string InsertEventsAndJobs =
        """
        with sent as materialized (
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as sent (
                id, source, event_id, event_type, body, payload_hash, provider_time, customer_key, serial_key, traceparent)),
        received as (
            insert into webhook_events (id, source, event_id, event_type, body, payload_hash, provider_time, customer_key)
            select id, source, event_id, event_type, body, payload_hash, provider_time, customer_key from sent
            on conflict do nothing
            returning id),
        queued as (
            insert into jobs (lane, kind, payload, serial_key, max_attempts, traceparent)
            select $11, $12, jsonb_build_object('event_id', id), serial_key, $13, traceparent
            from received join sent using (id)
            order by id)
        select id from received
        """;

    private readonly Channel<Delivery> _deliveries =
        Channel.CreateUnbounded<Delivery>(new UnboundedChannelOptions { AllowSynchronousContinuations = false });

    private readonly Lock _starting = new();
    private Task? _writing;

    /// <summary>Stores an authentic event and its job. When this returns, both are on disk.</summary>
    /// <param name="source">Who sent it.</param>
    /// <param name="body">The bytes as they came; not to be changed before this returns.</param>
    /// <param name="cancellationToken">Stops waiting for the answer, not the storing.</param>
    /// <exception cref="NpgsqlException">The database did not take it: nothing is promised.</exception>
    public async Task<WebhookReceipt> AcceptAsync(BillingSource source, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (Read(source, body) is not { } delivery)
        {
            return WebhookReceipt.NoEvent;
        }

        Start();
        ObjectDisposedException.ThrowIf(!_deliveries.Writer.TryWrite(delivery), this);

        return await delivery.Stored.Task.WaitAsync(cancellationToken) ? WebhookReceipt.Stored : WebhookReceipt.Known;
    }

    private static Delivery? Read(BillingSource source, ReadOnlyMemory<byte> body)
    {
        using var document = LenientJson.ParseObject(body);
        if (document is null)
        {
            return null;
        }

        var (envelope, hash) = source switch
        {
            BillingSource.Stripe => (StripeEventReader.ReadEnvelope(document.RootElement), EventIdentity.Hash(body.Span)),
            BillingSource.RevenueCat => (RevenueCatEventReader.ReadEnvelope(document.RootElement), EventIdentity.SortedHash(document.RootElement)),
        };
        return new Delivery(Guid.CreateVersion7(), source.Name(), envelope, body, hash, Activity.Current?.Id);
    }

    private void Start()
    {
        if (_writing is null)
        {
            lock (_starting)
            {
                _writing ??= Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => Task.Run(WriteAsync)));
            }
        }
    }

    private async Task WriteAsync()
    {
        var batch = new List<Delivery>(LargestBatch);
        while (await _deliveries.Reader.WaitToReadAsync())
        {
            var bytes = 0L;
            while (batch.Count < LargestBatch && bytes < HeaviestBatch && _deliveries.Reader.TryRead(out var delivery))
            {
                batch.Add(delivery);
                bytes += delivery.Body.Length;
            }

            if (batch.Count > 0)
            {
                // In the order of the unique key, so that two batches with the same events cannot wait for one another.
                batch.Sort(Delivery.ByEventId);
                await StoreAsync(batch);
                batch.Clear();
            }
        }
    }

    /// <summary>Answers every delivery of the batch; never throws.</summary>
    private async Task StoreAsync(IReadOnlyList<Delivery> batch)
    {
        try
        {
            var stored = await InsertAsync(batch);
            foreach (var delivery in batch)
            {
                delivery.Stored.TrySetResult(stored.Contains(delivery.Id));
            }

            if (stored.Count > 0)
            {
                wakeHint.Signal(ApplyWebhook.Kind.Lane.Name);
            }
        }
        catch (Exception e) when (batch.Count > 1 && !DatabaseErrors.IsTransient(e) && !DatabaseErrors.IsAway(e) && !DatabaseErrors.IsConnectionDead(e))
        {
            // One of them is to blame; nothing of the batch was kept.
            foreach (var delivery in batch)
            {
                await StoreAsync([delivery]);
            }
        }
        catch (Exception e)
        {
            foreach (var delivery in batch)
            {
                delivery.Stored.TrySetException(e);
            }
        }
    }

    /// <summary>
    /// Tries a second time when the connection was dead, as those are that slept in the pool through a restart of the server. If
    /// the first try had got through after all, the events are known by their ids, and those without one by ours.
    /// </summary>
    private async Task<HashSet<Guid>> InsertAsync(IReadOnlyList<Delivery> batch)
    {
        try
        {
            return await InsertOnceAsync(batch);
        }
        catch (Exception e) when (DatabaseErrors.IsConnectionDead(e))
        {
            dataSource.Clear();
            return await InsertOnceAsync(batch);
        }
    }

    private async Task<HashSet<Guid>> InsertOnceAsync(IReadOnlyList<Delivery> batch)
    {
        await using var command = dataSource.CreateCommand(InsertEventsAndJobs);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. batch.Select(d => d.Id)] });
        AddTexts(batch.Select(d => (string?)d.Source));
        AddTexts(batch.Select(d => d.Envelope.EventId));
        AddTexts(batch.Select(d => (string?)d.Envelope.EventType));
        command.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>[]>
        {
            TypedValue = [.. batch.Select(d => d.Body)],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
        });
        AddTexts(batch.Select(d => (string?)d.PayloadHash));
        command.Parameters.Add(new NpgsqlParameter<DateTimeOffset?[]>
        {
            TypedValue = [.. batch.Select(d => d.Envelope.ProviderTime)],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
        });
        AddTexts(batch.Select(d => d.Envelope.CustomerKey));
        AddTexts(batch.Select(d => d.SerialKey));
        AddTexts(batch.Select(d => d.Traceparent));
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ApplyWebhook.Kind.Lane.Name });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = ApplyWebhook.Kind.Name });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = ApplyWebhook.Kind.Retry.MaxAttempts });

        var stored = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            stored.Add(reader.GetGuid(0));
        }

        return stored;

        void AddTexts(IEnumerable<string?> values) => command.Parameters.Add(new NpgsqlParameter<string?[]>
        {
            TypedValue = [.. values],
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
        });
    }

    /// <summary>Stores what was handed in, and takes nothing more.</summary>
    public async ValueTask DisposeAsync()
    {
        _deliveries.Writer.TryComplete();
        if (_writing is { } writing)
        {
            await writing;
        }
    }

    /// <summary>An event on its way to the disk, and the promise that it arrived.</summary>
    private sealed record Delivery(
        Guid Id, string Source, EventEnvelope Envelope, ReadOnlyMemory<byte> Body, string PayloadHash, string? Traceparent)
    {
        public static readonly Comparison<Delivery> ByEventId = (left, right) =>
        {
            var order = string.CompareOrdinal(left.Source, right.Source);
            order = order != 0 ? order : string.CompareOrdinal(left.Envelope.EventId, right.Envelope.EventId);
            return order != 0 ? order : left.Id.CompareTo(right.Id);
        };

        public string? SerialKey => Envelope.CustomerKey is { } key ? $"{Source}:{key}" : null;

        /// <summary>True when the event is new, false when it was known.</summary>
        public TaskCompletionSource<bool> Stored { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
