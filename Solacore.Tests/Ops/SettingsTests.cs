using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Solacore.Core.Data;
using Solacore.Core.Settings;
using Solacore.LocalHost;
using Solacore.Tests.LocalHost;

namespace Solacore.Tests.Ops;

/// <summary>An operator finds every mistake of a settings file before the deployment, and every setting explained.</summary>
public sealed partial class SettingsTests
{
    private static readonly (string Name, string Value)[] Production =
    [
        ("DATABASE_URL", "postgresql://solacore:not_a_password@db.example.com:5432/solacore?sslmode=require"),
        ("REDIS_URL", "rediss://:not_a_password@redis.example.com:6379/0"),
        ("JWT_SECRET", "visibly not a secret, but long enough"),
        ("GOOGLE_CLIENT_ID", "web.apps.example.com"),
        ("FRONTEND_URL", "https://app.example.com"),
        ("COOKIE_DOMAIN", ".example.com"),
        ("OPENAI_API_KEY", "sk-not-a-key"),
        ("STRIPE_SECRET_KEY", "sk_test_not_a_key"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_not_a_secret"),
        ("STRIPE_PRICE_STANDARD", "price_standard"),
        ("STRIPE_PRICE_PRO", "price_pro"),
        ("STRIPE_SUCCESS_URL", "https://app.example.com/paid"),
        ("STRIPE_CANCEL_URL", "https://app.example.com/plans"),
        ("REVENUECAT_WEBHOOK_SECRET", "not_a_secret"),
    ];

    /// <summary>What is written wrong, and what of the answer tells it. One setting may be wrong once per file.</summary>
    private static readonly (string Name, string Value, string Found)[][] Mistakes =
    [
        [
            ("DATABASE_URL", "", "DATABASE_URL is not set"),
            ("REDIS_URL", "http://redis.example.com", "REDIS_URL is no address such as redis://"),
            ("JWT_SECRET", "", "JWT_SECRET is not set"),
            ("GOOGLE_CLIENT_ID", "", "GOOGLE_CLIENT_ID is not set"),
            ("FRONTEND_URL", "http://localhost:3000", "FRONTEND_URL is not set or points to this machine"),
            ("COOKIE_DOMAIN", "example.com", "COOKIE_DOMAIN must start with a dot"),
            ("OPENAI_API_KEY", "", "OPENAI_API_KEY is not set"),
            ("STRIPE_WEBHOOK_SECRET", "", "STRIPE_WEBHOOK_SECRET is not set"),
            ("STRIPE_PRICE_STANDARD", "", "STRIPE_PRICE_STANDARD is not set"),
            ("STRIPE_PRICE_PRO", ",", "STRIPE_PRICE_PRO is not set"),
            ("REVENUECAT_WEBHOOK_SECRET", "", "REVENUECAT_WEBHOOK_SECRET is not set"),
            ("BETA_MODE", "true", "BETA_MODE is on"),
            ("PORT", "http", "PORT must be a whole number"),
            ("SMTP_ENABLED", "true", "SMTP_PASSWORD is not set"),
            ("SMTP_USER", "apikey", "SMTP_PASSWORD is not set"),
        ],
        [
            ("DATABASE_URL", "postgresql://solacore@localhost/solacore", "DATABASE_URL points to localhost"),
            ("DATABASE_DIRECT_URL", "mysql://solacore@db.example.com/solacore", "DATABASE_DIRECT_URL is no database address"),
            ("JWT_SECRET", "too-short", "JWT_SECRET is shorter than 32 bytes"),
            ("JWT_ALGORITHM", "none", "JWT_ALGORITHM is none of: HS256"),
            ("JWT_EXPIRE_MINUTES", "1h", "JWT_EXPIRE_MINUTES is no whole number"),
            ("LLM_PROVIDER", "openrouter", "OPENROUTER_API_KEY is not set"),
            ("LLM_MODEL", "gpt-9,gpt-4o-mini,o9", "LLM_PRICES has no price for gpt-9 and o9"),
            ("LLM_TIMEOUT", "30s", "LLM_TIMEOUT is no number"),
            ("LLM_MAX_TOKENS", "0", "LLM_MAX_TOKENS is no whole number from 16"),
            ("FRONTEND_URL", "app.example.com", "FRONTEND_URL is no absolute http or https address"),
            ("RATE_LIMIT_SSE", "5 per minute", "RATE_LIMIT_SSE is no limit such as 5/minute"),
            ("RATE_LIMIT_REDIS_URL", "amqp://redis.example.com", "RATE_LIMIT_REDIS_URL is no address"),
            ("STRIPE_PRICE_PRO", "price_standard", "STRIPE_PRICE_PRO is the price of another tier"),
            ("TRUSTED_PROXIES", "10.0.0.0/33", "TRUSTED_PROXIES holds an entry"),
            ("PROMPT_INJECTION_POLICY", "ignore", "PROMPT_INJECTION_POLICY is none of: warn, block"),
            ("SENTRY_DSN", "sentry.example.com", "SENTRY_DSN must be an absolute"),
        ],
        [
            ("DATABASE_URL", "postgresql://solacore@db.example.com/solacore?sslmode=sure", "DATABASE_URL is no database address"),
            ("DATABASE_POOLED", "maybe", "DATABASE_POOLED is no boolean"),
            ("PAYMENTS_ENABLED", "ja", "PAYMENTS_ENABLED is no boolean"),
            ("LLM_PROVIDER", "claude", "LLM_PROVIDER is none of: openai"),
            ("OPENAI_API_KEY", "nötig", "OPENAI_API_KEY holds a character that HTTP headers cannot carry"),
            ("STRIPE_SECRET_KEY", "not a sécret", "STRIPE_SECRET_KEY holds a character that HTTP headers cannot carry"),
            ("STRIPE_PRICE_PRO", "price_pro,price_standard", "STRIPE_PRICE_PRO is the price of another tier"),
            ("CORS_ALLOWED_ORIGINS", "https://app.example.com,example.com", "CORS_ALLOWED_ORIGINS holds an entry"),
            ("HOST", "api.example.com", "HOST must be an address"),
            ("URLS", "localhost:8000", "URLS must name addresses"),
            ("INTERNAL_PORT", "8000", "INTERNAL_PORT must differ from the port that clients reach"),
            ("DRAIN_SECONDS", "-1", "DRAIN_SECONDS must be a whole number"),
            ("SENTRY_TRACES_SAMPLE_RATE", "50", "SENTRY_TRACES_SAMPLE_RATE must be a number from 0 to 1"),
            ("SENTRY_DSN", "https://sentry.example.com/1", "SENTRY_DSN must have the form"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "OTEL_EXPORTER_OTLP_ENDPOINT must be an absolute"),
            ("SMTP_PORT", "70000", "SMTP_PORT is no whole number"),
            ("SMTP_FROM", "Solacore", "SMTP_FROM is no mail address"),
            ("RESET_PATH", "reset", "RESET_PATH is no path"),
            ("PURGE_WEBHOOK_EVENTS_DAYS", "1", "PURGE_WEBHOOK_EVENTS_DAYS is no whole number from 7"),
            ("CRISIS_RESOURCES_FILE", "/nowhere/helplines.json", "CRISIS_RESOURCES_FILE is not usable"),
        ],
    ];

    [Fact]
    public async Task every_planted_mistake_is_named_and_nothing_else()
    {
        Assert.True(Mistakes.Sum(file => file.Length) >= 30);
        using var folder = new TemporaryFolder();
        await Task.WhenAll(Mistakes.Select(async (mistakes, number) =>
        {
            var result = await CheckAsync(folder, $"mistakes-{number}.env", [.. mistakes.Select(m => (m.Name, m.Value))]);

            Assert.True(result.ExitCode == 1, result.Text);
            var told = result.Lines.Where(line => line.StartsWith("  - ", StringComparison.Ordinal)).ToList();
            Assert.All(mistakes, mistake => Assert.Contains(told, line => line.StartsWith("  - " + mistake.Found, StringComparison.Ordinal)));
            Assert.All(told, line => Assert.Contains(mistakes, mistake => line.StartsWith("  - " + mistake.Found, StringComparison.Ordinal)));
        }));
    }

    [Fact]
    public async Task a_file_that_would_do_is_good_and_its_oddities_are_told()
    {
        using var folder = new TemporaryFolder();

        var good = await CheckAsync(folder, "good.env", [("HTTP_PORTS", "8000"), ("HTTPS_PORTS", "8443")]);
        var urls = await CheckAsync(folder, "urls.env", [("URLS", "http://*:8000")]);
        var odd = await CheckAsync(folder, "odd.env", [("LLM_TIMOUT", "20"), ("HOST", "0.0.0.0\nhost=127.0.0.1\nPORT: 8000")]);

        Assert.Equal(0, good.ExitCode);
        Assert.Equal([$"{folder.PathOf("good.env")}: good."], good.Lines);
        Assert.Equal([$"{folder.PathOf("urls.env")}: good."], urls.Lines);
        Assert.Equal(1, odd.ExitCode);
        Assert.Contains(odd.Lines, line => line.StartsWith("  ? LLM_TIMOUT is not read", StringComparison.Ordinal));
        Assert.Contains(odd.Lines, line => line.EndsWith("is no NAME=value", StringComparison.Ordinal));
        Assert.Contains(odd.Lines, line => line.StartsWith("  - host is set twice", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_folder_is_no_settings_file()
    {
        using var folder = new TemporaryFolder();

        var result = await Script.RunAsync("check-config", [folder.PathOf(".")]);

        Assert.Equal((2, $"{folder.PathOf(".")} cannot be read."), (result.ExitCode, result.Text));
    }

    [Fact]
    public async Task documentation_template_and_code_have_the_same_settings()
    {
        using var folder = new TemporaryFolder();
        var read = await Task.WhenAll(
            NamesAsync(folder, BuildOutput.ApiAssembly, "openai"),
            NamesAsync(folder, BuildOutput.WorkerAssembly, "openai"),
            NamesAsync(folder, BuildOutput.WorkerAssembly, "anthropic"),
            NamesAsync(folder, BuildOutput.WorkerAssembly, "openrouter"));
        var documented = (await File.ReadAllLinesAsync(Path.Combine(BuildOutput.RepositoryRoot, "docs", "settings.md")))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => QuotedName().Matches(line.Split(" | ")[0]).Select(match => match.Groups["name"].Value))
            .ToList();
        var template = await TemplateAsync();

        // The scripts read theirs from the environment.
        var scripts = string.Concat(
            new[] { "backup", "restore", "drill", "lib/archives.sh" }.Select(name => File.ReadAllText(Script.PathOf(name))));
        var ofScripts = ScriptName().Matches(scripts).Select(match => match.Value);
        var known = read.SelectMany(names => names).Concat(ofScripts).ToHashSet(StringComparer.Ordinal);

        string[] complaints =
        [
            .. known.Except(documented).Select(name => $"docs/settings.md lacks {name}"),
            .. documented.Except(known).Select(name => $"docs/settings.md explains {name}, which nothing reads"),
            .. known.Except(template.Select(line => line.Name)).Select(name => $"ops/settings.template.env lacks {name}"),
            .. template.Select(line => line.Name).Except(known).Select(name => $"ops/settings.template.env explains {name}, which nothing reads"),
        ];
        Assert.Equal("", string.Join('\n', complaints.Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task the_template_asks_for_what_production_needs_and_its_defaults_are_usable()
    {
        using var folder = new TemporaryFolder();
        var template = await TemplateAsync();
        var given = Production.Where(setting => template.Any(line => line.Name == setting.Name && line.Value.Length == 0));

        var result = await CheckAsync(folder, "template.env", [.. template.Where(line => line.Value.Length > 0), .. given]);

        Assert.True(result.ExitCode == 0, result.Text);
    }

    [Theory]
    [InlineData("postgres://ann:p%40ss@db.example.com/app", "Host=db.example.com;Port=5432;Database=app;Username=ann;Password=p@ss")]
    [InlineData("postgresql://ann@[::1]:6543/app", "Host=[::1];Port=6543;Database=app;Username=ann")]
    [InlineData("postgresql+asyncpg://ann:x@db/app?ssl=true", "Host=db;Port=5432;Database=app;Username=ann;Password=x;SSL Mode=Require")]
    [InlineData("postgresql://ann:x@db/app?sslmode=verify-full&sslrootcert=/ca.pem&channel_binding=require&connect_timeout=7",
        "Host=db;Port=5432;Database=app;Username=ann;Password=x;SSL Mode=VerifyFull;Root Certificate=/ca.pem;Channel Binding=Require;Timeout=7")]
    [InlineData("Server=db;Database=app;User Id=ann;SSL Mode=Prefer", "Host=db;Database=app;Username=ann;SSL Mode=Prefer")]
    public void every_form_of_a_database_address_is_understood(string given, string expected)
    {
        var reader = new SettingsReader(new Microsoft.Extensions.Configuration.ConfigurationManager { ["DATABASE_URL"] = given, ["DEBUG"] = "true" });

        var connections = ConnectionSettings.Read(reader);

        Assert.Empty(reader.Problems);
        Assert.Equal((expected, expected), (connections.Database, connections.DatabaseDirect));
    }

    [Theory]
    [InlineData(null, "localhost:6379 0")]
    [InlineData("", "none")]
    [InlineData("memory://", "none")]
    [InlineData("rediss://ann:a%2Cb%3Dc@redis.example.com/2", "redis.example.com:6379 2 ann a,b=c tls")]
    [InlineData("redis.example.com:6380,password=x", "redis.example.com:6380 0 x")]
    public void every_form_of_a_redis_address_is_understood(string? given, string expected)
    {
        var reader = new SettingsReader(new Microsoft.Extensions.Configuration.ConfigurationManager { ["REDIS_URL"] = given, ["DEBUG"] = "true" });

        var redis = ConnectionSettings.Read(reader).Redis;

        Assert.Empty(reader.Problems);
        Assert.Equal(expected, redis is null ? "none" : string.Join(' ', new[]
        {
            redis.EndPoints.Single() is System.Net.DnsEndPoint point ? $"{point.Host}:{point.Port}" : "?", $"{redis.DefaultDatabase ?? 0}", redis.User, redis.Password, redis.Ssl ? "tls" : null,
        }.OfType<string>()));
    }

    [Fact]
    public void through_a_pooler_no_session_is_held_and_a_direct_address_brings_the_hints_back()
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationManager
        {
            ["DEBUG"] = "true",
            ["DATABASE_POOLED"] = "yes",
            ["DATABASE_URL"] = "postgresql://ann@pooler:6543/app",
        };

        var pooled = ConnectionSettings.Read(new SettingsReader(configuration));
        configuration["DATABASE_DIRECT_URL"] = "postgresql://ann@db/app";
        var both = ConnectionSettings.Read(new SettingsReader(configuration));

        const string throughPooler = "Host=pooler;Port=6543;Database=app;Username=ann";
        Assert.Equal((throughPooler, null, true), (pooled.Database, pooled.DatabaseDirect, pooled.IsPooled));
        Assert.Equal((throughPooler, "Host=db;Port=5432;Database=app;Username=ann"), (both.Database, both.DatabaseDirect));
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task no_session_is_reset_between_two_uses_and_statements_are_prepared_where_sessions_are_ours(bool pooled, bool prepares)
    {
        await using var services = new ServiceCollection().AddLogging()
            .AddSolacoreData(new ConnectionSettings("Host=db;Database=app;Username=ann", DatabaseDirect: null, Redis: null) { IsPooled = pooled })
            .BuildServiceProvider();

        var connection = new NpgsqlConnectionStringBuilder(services.GetRequiredService<NpgsqlDataSource>().ConnectionString);

        Assert.Equal((true, prepares), (connection.NoResetOnClose, connection.MaxAutoPrepare > 0));
    }

    /// <summary>The production settings with some of them changed or added.</summary>
    private static async Task<ScriptResult> CheckAsync(TemporaryFolder folder, string file, (string Name, string Value)[] changes)
    {
        var lines = Production.Where(setting => changes.All(change => change.Name != setting.Name)).Concat(changes);
        var path = folder.PathOf(file);
        await File.WriteAllLinesAsync(path, lines.Select(setting => $"{setting.Name}={setting.Value}"));
        return await Script.RunAsync("check-config", [path]);
    }

    private static async Task<IEnumerable<string>> NamesAsync(TemporaryFolder folder, string assembly, string provider)
    {
        var path = folder.PathOf(Path.GetFileNameWithoutExtension(assembly) + provider);
        await File.WriteAllTextAsync(path, $"DEBUG=true\nLLM_PROVIDER={provider}");
        var lines = await ServiceProcess.RunToEndAsync(ServiceOptions.ForAssembly("check-config", assembly, "check-config", "--env-file", path, "--names"));
        return lines.Where(name => !name.StartsWith("ConnectionStrings__", StringComparison.Ordinal));
    }

    /// <summary>Names of the template with their values, those of the commented lines included.</summary>
    private static async Task<IReadOnlyList<(string Name, string Value)>> TemplateAsync() =>
        [.. from line in await File.ReadAllLinesAsync(Script.PathOf("settings.template.env"))
            let match = TemplateLine().Match(line)
            where match.Success
            select (match.Groups["name"].Value, match.Groups["value"].Value)];

    [GeneratedRegex("`(?<name>[A-Z][A-Z0-9_]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex QuotedName();

    [GeneratedRegex("^#?(?<name>[A-Z][A-Z0-9_]*)=(?<value>.*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TemplateLine();

    [GeneratedRegex(@"\bBACKUP_[A-Z0-9_]+", RegexOptions.None, 1000)]
    private static partial Regex ScriptName();
}
