using System.Diagnostics;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Sentry.Extensibility;

namespace Solacore.ServiceDefaults;

/// <summary>Errors reported to Sentry: exceptions that nobody handled and everything logged as an error.</summary>
public static class ErrorReports
{
    /// <summary>
    /// Tag on an activity that belongs to sign-in or payment, where a single error wakes somebody: for work outside
    /// of requests, whose code knows only <see cref="Activity"/>.
    /// </summary>
    public const string PriorityZeroTag = SystemNames.PriorityZeroTag;

    /// <summary>
    /// Custom property of an activity with the id of the user it works for; reported as a hash. Custom properties, unlike
    /// tags, are never exported with the trace.
    /// </summary>
    public const string UserIdProperty = SystemNames.UserIdProperty;

    /// <summary>Marks endpoints of sign-in or payment: every error in them is tagged <c>p0</c>.</summary>
    public static TBuilder IsPriorityZero<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(PriorityZero.Mark);

    internal static void AddErrorReports(this WebApplicationBuilder builder, ServiceIdentity identity, Action<string, string> report)
    {
        var tracesSampleRate = builder.Configuration.Share("SENTRY_TRACES_SAMPLE_RATE", report) ?? 0.1;
        if (Dsn(builder.Configuration, report) is not { } dsn || identity.Debug)
        {
            return;
        }

        var requests = new HttpContextAccessor();
        builder.Services.AddHttpContextAccessor();
        builder.WebHost.UseSentry(options =>
        {
            options.Dsn = dsn;
            options.Release = identity.Version;
            options.Environment = identity.Environment;
            options.TracesSampleRate = tracesSampleRate;
            options.SendDefaultPii = false;
            options.MaxRequestBodySize = RequestSize.None;
            options.MaxBreadcrumbs = 0;
            options.AutoSessionTracking = false;
            options.ReportAssembliesMode = ReportAssembliesMode.None;
            // Outgoing calls: no spans with addresses, no reports of other people's 500s, no headers of ours to them.
            options.DisableSentryHttpMessageHandler = true;
            options.DisableDiagnosticSourceIntegration();
            // EF Core logs an exception before its catcher does: that report is dropped below, and must not be the only one.
            options.DisableDuplicateEventDetection();
            options.SetBeforeSend(report => IsOfDatabaseLibrary(report) ? null : AllowedPartsOf(report, requests.HttpContext, identity));
            options.SetBeforeSendTransaction(transaction => AllowedPartsOf(transaction, identity));
        });
    }

    /// <summary>https://PUBLIC_KEY@HOST/PROJECT</summary>
    private static string? Dsn(IConfiguration configuration, Action<string, string> report)
    {
        if (configuration.Address(SettingNames.SentryDsn, report) is not { } address)
        {
            return null;
        }

        if (address.UserInfo.Length > 0 && address.AbsolutePath.Length > 1)
        {
            return address.OriginalString;
        }

        report(SettingNames.SentryDsn, "must have the form https://PUBLIC_KEY@HOST/PROJECT");
        return null;
    }

    /// <summary>
    /// They log as errors what they throw; whoever catches it knows whether it is one. Levels set for loggers do not hold
    /// for Sentry, whose library captures all of them.
    /// </summary>
    private static bool IsOfDatabaseLibrary(SentryEvent report) =>
        report.Logger is { } logger
        && (logger.StartsWith("Microsoft.EntityFrameworkCore", StringComparison.Ordinal) || logger.StartsWith("Npgsql", StringComparison.Ordinal));

    /// <summary>Keeps what is known to be harmless; a new field of the library stays out until it is listed here.</summary>
    private static SentryEvent AllowedPartsOf(SentryEvent report, HttpContext? request, ServiceIdentity identity)
    {
        var endpoint = request?.GetEndpoint() as RouteEndpoint;
        var route = endpoint?.RoutePattern.RawText;
        report.Request = new SentryRequest { Method = request?.Request.Method, Url = route };
        report.TransactionName = route is null ? null : $"{request!.Request.Method} {route}";
        report.ServerName = null;
        report.User = new SentryUser { Id = HashOf(UserId(request)) };
        KeepContexts(report.Contexts);
        RemoveTagsAndExtra(report, report);

        if (report.Message is { } message)
        {
            report.Message = new SentryMessage { Formatted = SensitiveText.ScrubWithQuotations(message.Formatted ?? message.Message ?? "") };
        }

        foreach (var exception in report.SentryExceptions ?? [])
        {
            exception.Value = SensitiveText.ScrubWithQuotations(exception.Value ?? "");
            exception.Mechanism?.Data.Clear();
        }

        report.SetTag("service", identity.Name);
        if (Activity.Current is { } activity)
        {
            report.SetTag("trace_id", activity.TraceId.ToHexString());
        }

        if (PriorityZero.Concerns(request))
        {
            report.SetTag("p0", "true");
        }

        return report;
    }

    private static SentryTransaction? AllowedPartsOf(SentryTransaction transaction, ServiceIdentity identity)
    {
        // Without a route the name is the path as the client wrote it.
        if (transaction.NameSource == TransactionNameSource.Url)
        {
            return null;
        }

        transaction.Request = new SentryRequest();
        transaction.User = new SentryUser();
        transaction.Description = null;
        KeepContexts(transaction.Contexts);
        RemoveTagsAndExtra(transaction, transaction);
        transaction.SetTag("service", identity.Name);
        return transaction;
    }

    private static void KeepContexts(SentryContexts contexts)
    {
        foreach (var name in contexts.Keys.Where(name => name is not ("trace" or "runtime" or "os")).ToList())
        {
            contexts.Remove(name);
        }

        contexts.Trace.Description = null;
        foreach (var name in contexts.Trace.Data.Keys.ToList())
        {
            contexts.Trace.SetData(name, null);
        }
    }

    private static void RemoveTagsAndExtra(IHasTags tagged, IHasExtra extended)
    {
        foreach (var name in tagged.Tags.Keys.ToList())
        {
            tagged.UnsetTag(name);
        }

        foreach (var name in extended.Extra.Keys.ToList())
        {
            extended.SetExtra(name, null);
        }
    }

    private static string? UserId(HttpContext? request) =>
        request?.User.FindFirst("sub")?.Value
        ?? request?.User.FindFirst(ClaimTypes.NameIdentifier)?.Value
        ?? WorkingActivities().Select(activity => activity.GetCustomProperty(UserIdProperty)?.ToString()).FirstOrDefault(id => id is not null);

    internal static IEnumerable<Activity> WorkingActivities()
    {
        for (var activity = Activity.Current; activity is not null; activity = activity.Parent)
        {
            yield return activity;
        }
    }

    /// <summary>Tells whether two reports concern the same user, not who it is: ids are random, so there is nothing to guess.</summary>
    private static string? HashOf(string? userId) =>
        userId is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(userId)))[..16];
}

/// <summary>Endpoint metadata: every error here wakes somebody.</summary>
internal sealed class PriorityZero
{
    public static readonly PriorityZero Mark = new();

    /// <summary>Whether the work that is done now, for a request or for none, belongs to sign-in or payment.</summary>
    public static bool Concerns(HttpContext? request) =>
        request?.GetEndpoint()?.Metadata.GetMetadata<PriorityZero>() is not null
        || ErrorReports.WorkingActivities().Any(activity => activity.GetTagItem(ErrorReports.PriorityZeroTag) is true);
}
