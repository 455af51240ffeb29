using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using OpenTelemetry;
using OpenTelemetry.Logs;

namespace Solacore.ServiceDefaults;

/// <summary>Console logs that erase classified values and scrub everything else.</summary>
internal static class RedactedLogs
{
    public static void AddRedactedLogs(this IHostApplicationBuilder builder, ServiceIdentity identity)
    {
        // First among the sources, so that any setting overrules it.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData =
            [
                new("Logging:LogLevel:Default", "Information"),
                new("Logging:LogLevel:Microsoft.AspNetCore", "Warning"),
                new("Logging:LogLevel:Microsoft.EntityFrameworkCore", "Warning"),

                // They log as errors what they throw. Whoever catches it knows whether it is one: a unique index that
                // decides a race is not, and must neither reach Sentry nor wake anybody.
                new("Logging:LogLevel:Microsoft.EntityFrameworkCore.Database", "Critical"),
                new("Logging:LogLevel:Microsoft.EntityFrameworkCore.Query", "Critical"),
                new("Logging:LogLevel:Microsoft.EntityFrameworkCore.Update", "Critical"),
                new("Logging:LogLevel:Npgsql", "Critical"),
                new("Logging:LogLevel:System.Net.Http.HttpClient", "Warning"),
                new("Logging:LogLevel:Polly", "Warning"),
            ],
        });

        builder.Logging.ClearProviders();
        builder.Logging.EnableRedaction();
        builder.Services.AddRedaction();
        builder.Logging.AddConsole(console => console.FormatterName = identity.Debug ? ReadableLines.FormatterName : JsonLines.FormatterName);
        builder.Logging.AddConsoleFormatter<JsonLines, ConsoleFormatterOptions>();
        builder.Logging.AddConsoleFormatter<ReadableLines, ConsoleFormatterOptions>();
    }
}

/// <summary>One JSON object a line, for machines.</summary>
internal sealed class JsonLines(ServiceIdentity identity, TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "solacore-json";

    // Lines are read by log collectors and people, never by a browser: no need for \u002B.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(line, Readable))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow());
            json.WriteString("level", logEntry.LogLevel.ToString());
            json.WriteString("service", identity.Name);
            json.WriteString("logger", logEntry.Category);
            json.WriteNumber("event", logEntry.EventId.Id);
            json.WriteString("message", SensitiveText.Scrub(logEntry.Formatter(logEntry.State, logEntry.Exception)));
            if (Activity.Current is { } activity)
            {
                json.WriteString("trace_id", activity.TraceId.ToHexString());
                json.WriteString("span_id", activity.SpanId.ToHexString());
            }
            if (logEntry.State is IReadOnlyList<KeyValuePair<string, object?>> fields)
            {
                WriteFields(json, fields);
            }

            if (logEntry.Exception is { } exception)
            {
                json.WriteString("exception", SensitiveText.ScrubWithQuotations(exception.ToString()));
            }

            json.WriteEndObject();
        }
        textWriter.WriteLine(Encoding.UTF8.GetString(line.WrittenSpan));
    }

    private static void WriteFields(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        json.WriteStartObject("fields");
        foreach (var (name, value) in fields.Where(field => field is { Key: not "{OriginalFormat}", Value: not null }))
        {
            json.WriteString(name, SensitiveText.Scrub(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
        }

        json.WriteEndObject();
    }
}

/// <summary>Short lines, for a developer's eyes.</summary>
internal sealed class ReadableLines(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "solacore-readable";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var at = time.GetLocalNow().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var category = logEntry.Category[(logEntry.Category.LastIndexOf('.') + 1)..];
        var message = SensitiveText.Scrub(logEntry.Formatter(logEntry.State, logEntry.Exception));
        textWriter.WriteLine($"{at} {Abbreviated(logEntry.LogLevel)} {category}: {message}");
        if (logEntry.Exception is { } exception)
        {
            textWriter.WriteLine(SensitiveText.Scrub(exception.ToString()));
        }
    }

    private static string Abbreviated(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "WARN",
        LogLevel.Error => "FAIL",
        LogLevel.Critical => "CRIT",
        LogLevel.None => "none",
        _ => throw new ArgumentOutOfRangeException(nameof(level), level, "Not a log level."),
    };
}

/// <summary>Scrubs what the OpenTelemetry exporters will read; runs before them.</summary>
internal sealed class LogRecordScrubber : BaseProcessor<LogRecord>
{
    public override void OnEnd(LogRecord data)
    {
        if (data.FormattedMessage is { } message)
        {
            data.FormattedMessage = SensitiveText.Scrub(message);
        }

        var attributes = data.Attributes?.Select(Scrubbed).ToList() ?? [];
        if (data.Exception is { } exception)
        {
            // The exporter would write message and stack as they are, so they become attributes of the same names.
            attributes.Add(new("exception.type", exception.GetType().FullName));
            attributes.Add(new("exception.message", SensitiveText.ScrubWithQuotations(exception.Message)));
            attributes.Add(new("exception.stacktrace", SensitiveText.ScrubWithQuotations(exception.ToString())));
            data.Exception = null;
        }
        data.Attributes = attributes;
    }

    private static KeyValuePair<string, object?> Scrubbed(KeyValuePair<string, object?> attribute) => attribute.Value switch
    {
        null or bool or int or long or double => attribute,
        var value => new(attribute.Key, SensitiveText.Scrub(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")),
    };
}
