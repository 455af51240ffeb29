using System.Text.RegularExpressions;

namespace Solacore.Tests.Telemetry;

/// <summary>What operators see of an evening: metrics, traces and error reports of the real processes.</summary>
public sealed partial class ProductMetricsTests(WatchedSystem watched) : IClassFixture<WatchedSystem>
{
    /// <summary>More series than this from one process after one evening is a label that grows with its users.</summary>
    private const int MostSeries = 2_500;

    [Fact]
    public void every_metric_that_is_emitted_is_described_for_the_process_that_emits_it()
    {
        var described = MetricsDocument.Read();

        Assert.DoesNotContain(watched.Api.Families, name => !described.Any(row => row.Describes(name) && row.From.Contains("api", StringComparison.Ordinal)));
        Assert.DoesNotContain(watched.Worker.Families, name => !described.Any(row => row.Describes(name) && row.From.Contains("worker", StringComparison.Ordinal)));
    }

    [Fact]
    public void every_metric_that_is_described_is_emitted_or_waits_in_the_code_for_its_occasion()
    {
        var emitted = watched.Api.Families.Concat(watched.Worker.Families).ToList();
        var waiting = Instruments.OfOurs();

        Assert.Empty(MetricsDocument.Read()
            .Where(row => row.IsOurs && !emitted.Exists(row.Describes) && !(row.IsRare && waiting.Any(row.Describes)))
            .Select(row => row.Name));
    }

    [Fact]
    public void every_instrument_in_the_code_is_described() =>
        Assert.DoesNotContain(Instruments.OfOurs(), name => !MetricsDocument.Read().Any(row => row.Describes(name)));

    [Fact]
    public void the_numbers_are_those_of_the_evening()
    {
        var (api, worker) = (watched.Api, watched.Worker);

        Assert.Equal(1, api.Value("solacore_accounts_created_total", "email"));
        Assert.Equal(1, api.Value("solacore_accounts_logins_total", "register", "ok"));
        Assert.Equal(1, api.Value("solacore_accounts_logins_total", "password", "invalid_credentials"));
        Assert.Equal(1, worker.Value("solacore_accounts_active", "day"));
        Assert.Equal(2, worker.Value("solacore_accounts_active", "week"));

        Assert.Equal(1, api.Value("solacore_sessions_started_total", "solve"));
        Assert.Equal(1, api.Value("solacore_sessions_started_total", "learn"));
        Assert.Equal(1, worker.Value("solacore_sessions_steps_completed_total", "receive"));
        Assert.Equal(1, api.Value("solacore_sessions_completed_total", "solve"));
        Assert.Equal(1, api.Value("solacore_safety_crisis_answers_total", "solve"));

        Assert.Equal(2, worker.Value("solacore_turns_ended_total", "completed"));
        Assert.Equal(1, worker.Value("solacore_turns_fallback_total"));
        Assert.Equal(2, worker.Value("solacore_turns_first_token_seconds_count"));
        Assert.Equal(11, worker.Value("gen_ai_client_token_usage_total", "input", "gpt-4o-mini"));
        Assert.Equal(7, worker.Value("gen_ai_client_token_usage_total", "output", "gpt-4o-mini"));

        Assert.Equal(1, worker.Value("solacore_billing_events_total", "stripe", "checkout.session.completed", "applied"));
        Assert.Equal(1, worker.Value("solacore_billing_event_age_seconds_count", "stripe"));
        Assert.Equal(1, worker.Value("solacore_billing_plan_changes_total", "free", "standard"));
        Assert.Equal(1, worker.Value("solacore_jobs_ended_total", "webhooks.apply", "done"));
        Assert.Equal(1, worker.Value("solacore_jobs_ended_total", "webhooks.apply", "parked"));
        Assert.Equal(0, worker.Value("solacore_jobs_oldest_seconds", "webhooks.apply"));
        Assert.Equal(0, worker.Value("solacore_jobs_parked", "solve.reply"));
        Assert.Equal(0, worker.Value("solacore_jobs_ready", "mail"));
        Assert.Equal(1, worker.Value("solacore_mail_handled_total", "password_reset", "sent"));
    }

    [Fact]
    public void calls_of_models_are_timed_and_the_pieces_of_their_replies_are_not()
    {
        Assert.Contains("gen_ai_client_operation_duration_seconds", watched.Worker.Families);
        Assert.DoesNotContain(watched.Worker.Families, family => family.StartsWith("gen_ai_client_operation_time_per_output_chunk", StringComparison.Ordinal));
    }

    [Fact]
    public void what_an_alert_counts_is_there_before_its_first_occasion()
    {
        Assert.Equal(0, watched.Worker.Value("solacore_turns_ended_total", "failed", "gpt-4o-mini"));
        Assert.Equal(0, watched.Worker.Value("solacore_turns_ended_total", "failed", "offline"));
        Assert.Equal(0, watched.Worker.Value("solacore_model_over_budget_total", "period"));
        Assert.All(
            ["sent", "retried", "failed"], outcome => Assert.Equal(0, watched.Worker.Value("solacore_mail_handled_total", "reminder", outcome)));
        Assert.True(watched.Worker.Value("solacore_jobs_reading_age_seconds") < 30);
    }

    [Fact]
    public void errors_of_sign_in_and_payment_are_told_apart_and_every_series_begins_at_zero()
    {
        Assert.Equal(1, watched.Api.Value("solacore_errors_total", "request", "p0"));
        Assert.Equal(0, watched.Api.Value("solacore_errors_total", "request", "normal"));
        Assert.Equal(1, watched.Worker.Value("solacore_errors_total", "work", "p0"));
        Assert.Equal(0, watched.Worker.Value("solacore_errors_total", "work", "normal"));
        Assert.Equal(0, watched.Worker.Value("solacore_jobs_ended_total", "webhooks.apply", "retried"));
    }

    [Theory]
    [InlineData("http_server_request_duration_seconds_bucket", "api")]
    [InlineData("db_client_operation_duration_seconds_bucket", "worker")]
    [InlineData("messaging_process_duration_seconds_bucket", "worker")]
    [InlineData("solacore_turns_first_token_seconds_bucket", "worker")]
    [InlineData("solacore_jobs_wait_seconds_bucket", "worker")]
    public void durations_have_buckets_below_a_tenth_of_a_second(string name, string process) =>
        Assert.Contains(
            (process == "api" ? watched.Api : watched.Worker).Samples,
            sample => sample.Name == name
                && double.TryParse(sample.Labels["le"], System.Globalization.CultureInfo.InvariantCulture, out var bound) && bound is > 0 and < 0.1);

    [Fact]
    public void labels_are_few_and_hold_nothing_personal()
    {
        foreach (var scrape in new[] { watched.Api, watched.Worker })
        {
            Assert.InRange(scrape.Samples.Count, 1, MostSeries);
            foreach (var (name, value) in scrape.Samples.SelectMany(sample => sample.Labels).Where(label => label.Key != "service_instance_id"))
            {
                Assert.DoesNotMatch(IdOrAddress(), value);
                Assert.DoesNotContain("Username=", value, StringComparison.Ordinal);
                Assert.All(watched.Personal, word => Assert.DoesNotContain(word, name + value, StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    [Fact]
    public async Task one_trace_joins_a_message_from_the_api_through_queue_and_worker_to_provider_and_database()
    {
        var spans = await JoinedAsync(WatchedSystem.MessageTrace, "process solve.reply");
        var request = Only(spans, "api", "POST /sessions/{session_id}/messages");
        var job = Only(spans, "worker", "process solve.reply");

        Assert.Equal(request.SpanId, job.ParentId);
        Assert.Contains(spans, span => IsDatabase(span) && span.ParentId == request.SpanId);
        Assert.Contains(spans, span => IsDatabase(span) && span.ParentId == job.SpanId);
        var model = Only(spans, "worker", "chat gpt-4o-mini");
        Assert.Equal(job.SpanId, model.ParentId);
        Assert.Contains(spans, span => span is { Service: "worker", Kind: 3 } && span.ParentId == model.SpanId && span.Attributes.ContainsKey("url.full"));
        AssertNothingPersonal(spans);
    }

    [Fact]
    public async Task one_trace_joins_a_webhook_from_the_api_through_queue_and_worker_to_the_database()
    {
        var spans = await JoinedAsync(WatchedSystem.WebhookTrace, "process webhooks.apply");
        var request = Only(spans, "api", "POST /webhooks/stripe");
        var job = Only(spans, "worker", "process webhooks.apply");

        Assert.Equal(request.SpanId, job.ParentId);
        Assert.Equal("true", job.Attributes["p0"]);
        Assert.Contains(spans, span => IsDatabase(span) && span.ParentId == request.SpanId);
        Assert.Contains(spans, span => IsDatabase(span) && span.ParentId == job.SpanId);
        AssertNothingPersonal(spans);
    }

    [Fact]
    public void sentry_gets_the_crash_of_the_api_and_the_parked_job_of_the_worker_without_anything_personal()
    {
        var crash = Report("GET /subscriptions/current");
        var parked = Report("webhooks.apply job");

        Assert.Contains("PostgresException", crash, StringComparison.Ordinal);
        Assert.Contains("Solacore.Core.Jobs.PermanentJobException", parked, StringComparison.Ordinal);
        Assert.Contains($"\"user\":{{\"id\":\"{watched.UserHash}\"}}", crash, StringComparison.Ordinal);
        Assert.Contains("\"service\":\"api\"", crash, StringComparison.Ordinal);
        Assert.Contains("\"service\":\"worker\"", parked, StringComparison.Ordinal);
        foreach (var report in new[] { crash, parked })
        {
            Assert.Contains("\"release\":\"7.8.9\"", report, StringComparison.Ordinal);
            Assert.Contains("\"environment\":\"rehearsal\"", report, StringComparison.Ordinal);
            Assert.Contains("\"p0\":\"true\"", report, StringComparison.Ordinal);
            Assert.Matches("\"trace_id\":\"[0-9a-f]{32}\"", report);
        }

        Assert.All(watched.Personal, word => Assert.DoesNotContain(word, string.Concat(watched.Reports), StringComparison.OrdinalIgnoreCase));
    }

    private string Report(string about)
    {
        var found = watched.Reports.Where(report => report.Contains(about, StringComparison.Ordinal)).ToList();
        Assert.True(found.Count == 1, $"{found.Count} reports about {about} among:\n{string.Join('\n', watched.Reports)}");
        return found[0];
    }

    /// <summary>Spans are exported in batches, the server's own after its answer.</summary>
    private Task<IReadOnlyList<CollectedSpan>> JoinedAsync(string trace, string job) => Infrastructure.Eventually.BeAsync(
        $"the spans of {trace}",
        () => watched.Collector.OfTrace(trace),
        spans => spans.Any(span => span.Name == job) && spans.Any(span => span is { Service: "api", Kind: 2 }));

    private static CollectedSpan Only(IReadOnlyList<CollectedSpan> spans, string service, string name) =>
        Assert.Single(spans, span => span.Service == service && span.Name == name);

    private static bool IsDatabase(CollectedSpan span) => span.Attributes.GetValueOrDefault("db.system.name") == "postgresql";

    private void AssertNothingPersonal(IReadOnlyList<CollectedSpan> spans) => Assert.All(
        spans.SelectMany(span => span.Attributes.Values.Append(span.Name)),
        text => Assert.All(watched.Personal.Where(word => word.Length != 36), word => Assert.DoesNotContain(word, text, StringComparison.OrdinalIgnoreCase)));

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-|@", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex IdOrAddress();
}
