using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Solacore.ServiceDefaults;

namespace Solacore.Tests.ServiceDefaults;

/// <summary>Greps everything that leaves a process for what must not.</summary>
public sealed partial class PrivacyTests
{
    private const string UserId = "0198f5a2-7c1e-7000-8000-00000000abcd";
    private const string HashOfUserId = "9d7ec4ec786998a9";

    /// <summary>What a request below carries in every place a request has.</summary>
    private static readonly string[] Personal =
    [
        "ann@example.com", "hopeless", "QUERYTOKEN", "HEADERTOKEN", "COOKIETOKEN", "PATHWORD", "classified-value", "secret-value",
        "sk-proj-AAAABBBBCCCC", UserId,
    ];

    [Fact]
    public async Task sentry_gets_unhandled_exceptions_and_nothing_personal()
    {
        await using var sentry = await Ingest.StartAsync();
        await using (var service = await StartAsync(new()
        {
            ["SENTRY_DSN"] = sentry.SentryDsn,
            ["SENTRY_ENVIRONMENT"] = "staging",
            ["SENTRY_TRACES_SAMPLE_RATE"] = "1",
        }))
        {
            Assert.Equal(HttpStatusCode.InternalServerError, await SendEverythingPersonalAsync(service, "/auth/login/PATHWORD"));
            Assert.Equal(HttpStatusCode.InternalServerError, await SendEverythingPersonalAsync(service, "/broken/PATHWORD"));
            Assert.Equal(HttpStatusCode.NotFound, await SendEverythingPersonalAsync(service, "/nowhere/PATHWORD"));
            await service.StopAsync();
        }

        var received = sentry.Everything;
        Assert.Contains("\"System.FormatException\"", received, StringComparison.Ordinal);
        Assert.Contains("outside of any route", received, StringComparison.Ordinal);
        Assert.Contains("\"release\":\"1.0.0\"", received, StringComparison.Ordinal);
        Assert.Contains("\"environment\":\"staging\"", received, StringComparison.Ordinal);
        Assert.Contains("POST /auth/login/{name}", received, StringComparison.Ordinal);
        Assert.Contains("\"p0\":\"true\"", received, StringComparison.Ordinal);
        Assert.Matches("\"trace_id\":\"[0-9a-f]{32}\"", received);
        Assert.Contains($"\"user\":{{\"id\":\"{HashOfUserId}\"}}", received, StringComparison.Ordinal);
        AssertNothingPersonal(received);
    }

    [Fact]
    public async Task errors_of_work_outside_requests_reach_sentry_with_their_user_and_priority()
    {
        await using var sentry = await Ingest.StartAsync();
        await using (var service = await StartAsync(new() { ["SENTRY_DSN"] = sentry.SentryDsn }))
        {
            using (var work = new Activity("job").Start())
            {
                work.SetTag(ErrorReports.PriorityZeroTag, true);
                work.SetCustomProperty(ErrorReports.UserIdProperty, UserId);
                LogFailed(service.Logger, new InvalidOperationException("for ann@example.com"));
            }
            await service.StopAsync();
        }

        var received = sentry.Everything;
        Assert.Contains("\"System.InvalidOperationException\"", received, StringComparison.Ordinal);
        Assert.Contains("\"p0\":\"true\"", received, StringComparison.Ordinal);
        Assert.Contains($"\"user\":{{\"id\":\"{HashOfUserId}\"}}", received, StringComparison.Ordinal);
        AssertNothingPersonal(received);
    }

    [Fact]
    public async Task errors_elsewhere_are_not_priority_zero()
    {
        await using var sentry = await Ingest.StartAsync();
        await using (var service = await StartAsync(new() { ["SENTRY_DSN"] = sentry.SentryDsn }))
        {
            LogFailed(service.Logger, new InvalidOperationException());
            await service.StopAsync();
        }

        Assert.Contains("\"System.InvalidOperationException\"", sentry.Everything, StringComparison.Ordinal);
        Assert.DoesNotContain("\"p0\"", sentry.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task nothing_is_reported_while_debugging()
    {
        await using var sentry = await Ingest.StartAsync();
        await using (var service = await StartAsync(new() { ["SENTRY_DSN"] = sentry.SentryDsn, ["DEBUG"] = "true" }))
        {
            LogFailed(service.Logger, new InvalidOperationException());
            await service.StopAsync();
        }

        Assert.Equal("", sentry.Everything);
    }

    [Fact]
    public async Task traces_metrics_and_logs_are_exported_without_anything_personal()
    {
        await using var collector = await Ingest.StartAsync();
        await using (var service = await StartAsync(new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url,
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        }))
        {
            using (var source = new ActivitySource("Solacore.Tests"))
            using (source.StartActivity("a step of ours"))
            {
                LogClassified(service.Logger, "classified-value", "secret-value");
            }

            await SendEverythingPersonalAsync(service, "/auth/login/PATHWORD");
            await Answer.OfAsync(service.Clients, "/health/ready");
            await service.StopAsync();
        }

        var received = collector.Everything;
        Assert.Contains("/v1/traces", received, StringComparison.Ordinal);
        Assert.Contains("/v1/metrics", received, StringComparison.Ordinal);
        Assert.Contains("/v1/logs", received, StringComparison.Ordinal);
        Assert.Contains("a step of ours", received, StringComparison.Ordinal);
        Assert.Contains("/auth/login/{name}", received, StringComparison.Ordinal);
        Assert.Contains("deployment.environment", received, StringComparison.Ordinal);
        Assert.Contains("http.server.request.duration", received, StringComparison.Ordinal);
        // Spans of the server; the client of this test has spans too, with the whole address.
        Assert.DoesNotMatch(@"(?s)url\.path.{1,6}/health", received);
        AssertNothingPersonal(received.Replace("/auth/login/PATHWORD", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task the_console_shows_what_happened_without_anything_personal(string debug)
    {
        var original = Console.Out;
        await using var captured = new StringWriter(CultureInfo.InvariantCulture);
        Console.SetOut(TextWriter.Synchronized(captured));
        try
        {
            await using var service = await StartAsync(new() { ["DEBUG"] = debug });
            LogClassified(service.Logger, "classified-value", "secret-value");
            LogFailed(service.Logger, new InvalidOperationException("ann@example.com used sk-proj-AAAABBBBCCCC"));
            await service.StopAsync();
        }
        finally
        {
            Console.SetOut(original);
        }

        var written = captured.ToString();
        Assert.Contains("mail to", written, StringComparison.Ordinal);
        Assert.Contains("[email] used [key]", written, StringComparison.Ordinal);
        AssertNothingPersonal(written);
    }

    private static void AssertNothingPersonal(string emitted) =>
        Assert.All(Personal, word => Assert.DoesNotContain(word, emitted, StringComparison.OrdinalIgnoreCase));

    private static Task<RunningService> StartAsync(Dictionary<string, string?> settings) => RunningService.StartAsync(
        settings: settings,
        map: app =>
        {
            app.Use((context, next) =>
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", UserId), new Claim("email", "ann@example.com")], "test"));
                return context.Request.Path.StartsWithSegments("/broken", StringComparison.Ordinal)
                    ? throw new InvalidOperationException("outside of any route")
                    : next(context);
            });
            app.MapPost("/auth/login/{name}", (HttpContext context) =>
            {
                LogFailed(context.RequestServices.GetRequiredService<ILogger<PrivacyTests>>(), new FormatException(
                    "The input string 'hopeless' of ann@example.com was not in a correct format."));
                throw new FormatException("The input string 'hopeless' of ann@example.com was not in a correct format.");
            }).IsPriorityZero();
        });

    private static async Task<HttpStatusCode> SendEverythingPersonalAsync(RunningService service, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path + "?token=QUERYTOKEN&email=ann@example.com");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "HEADERTOKEN");
        request.Headers.Add("Cookie", "access_token=COOKIETOKEN");
        request.Content = JsonContent.Create(new { message = "I feel hopeless" });
        using var response = await service.Clients.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    [LoggerMessage(1, LogLevel.Error, "work failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "mail to {Address} with {Key} sent")]
    private static partial void LogClassified(ILogger logger, [PersonalData] string address, [Secret] string key);
}
