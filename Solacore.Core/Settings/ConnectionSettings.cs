using Npgsql;
using StackExchange.Redis;

namespace Solacore.Core.Settings;

/// <summary>How a process reaches Postgres and Redis.</summary>
/// <param name="Database">Npgsql connection string for ordinary work; may lead through a transaction-mode pooler.</param>
/// <param name="DatabaseDirect">
/// Connection string of a session of one's own for LISTEN and advisory locks, or null when there is none: then wake-ups
/// come from the poll alone.
/// </param>
/// <param name="Redis">How to reach Redis, or null: no streams relayed live, limits per process.</param>
public sealed record ConnectionSettings(string Database, string? DatabaseDirect, ConfigurationOptions? Redis)
{
    // A record prints its members; secrets must never reach a log line.
    public override string ToString() => nameof(ConnectionSettings);

    private const string LocalDatabase = "Host=localhost;Database=solacore;Username=solacore";
    private const string LocalRedis = "redis://localhost:6379/0";
    private const int DefaultPoolSize = 20;

    /// <summary>
    /// Connections that this process opens at most, the direct one apart. With the driver's own hundred, a second process
    /// would find Postgres' hundred taken.
    /// </summary>
    public int PoolSize { get; init; } = DefaultPoolSize;

    /// <summary>
    /// Whether <see cref="Database"/> leads through a transaction-mode pooler: the next transaction may be in another session,
    /// where nothing that was prepared is known.
    /// </summary>
    public bool IsPooled { get; init; }

    /// <summary>
    /// <c>ConnectionStrings__solacore</c> or <c>DATABASE_URL</c> (also <c>postgres://</c>, <c>postgresql+asyncpg://</c>),
    /// <c>DATABASE_DIRECT_URL</c>, <c>DATABASE_POOLED</c>, <c>DATABASE_POOL_SIZE</c>, <c>ConnectionStrings__redis</c> or <c>REDIS_URL</c>.
    /// </summary>
    public static ConnectionSettings Read(SettingsReader reader)
    {
        var database = Postgres(reader, "DATABASE_URL", reader.ConnectionString(SystemNames.Database));
        if (database is null)
        {
            reader.FailInProduction("DATABASE_URL", "is not set: give the address of the database");
            database = LocalDatabase;
        }
        else if (new NpgsqlConnectionStringBuilder(database).Host?.Contains("localhost", StringComparison.OrdinalIgnoreCase) is true)
        {
            reader.FailInProduction("DATABASE_URL", "points to localhost: production needs a database of its own host");
        }

        var pooled = reader.Bool(SettingNames.DatabasePooled, false);
        var direct = Postgres(reader, "DATABASE_DIRECT_URL", reader.ConnectionString(SystemNames.DirectDatabase));
        return new ConnectionSettings(database, direct ?? (pooled ? null : database), ReadRedis(reader))
        {
            IsPooled = pooled,
            PoolSize = reader.Int("DATABASE_POOL_SIZE", DefaultPoolSize, min: 2, max: 1_000),
        };
    }

    private static string? Postgres(SettingsReader reader, string name, string? connectionString)
    {
        var value = connectionString ?? reader.Text(name);
        if (value.Length == 0)
        {
            return null;
        }

        try
        {
            return value.Contains("://", StringComparison.Ordinal)
                ? FromUrl(value)
                : new NpgsqlConnectionStringBuilder(value).ConnectionString;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or UriFormatException)
        {
            reader.Fail(name, "is no database address such as postgresql://user:password@host:5432/name?sslmode=require");
            return null;
        }
    }

    /// <summary>Turns a URL into Npgsql's form; <c>sslmode</c> and friends may follow as query parameters.</summary>
    /// <exception cref="FormatException">
    /// The scheme is not one of PostgreSQL's, host or database is missing, or a known parameter has an unknown value.
    /// </exception>
    public static string FromUrl(string url)
    {
        var uri = new Uri(url);
        if (uri.Scheme is not ("postgres" or "postgresql" or "postgresql+asyncpg") || uri.Host.Length == 0 || uri.AbsolutePath.Length < 2)
        {
            throw new FormatException("Not a PostgreSQL address.");
        }

        var userInfo = uri.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port > 0 ? uri.Port : 5432,
            Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]),
        };
        if (userInfo[0].Length > 0)
        {
            builder.Username = Uri.UnescapeDataString(userInfo[0]);
        }

        if (userInfo.Length == 2)
        {
            builder.Password = Uri.UnescapeDataString(userInfo[1]);
        }

        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = pair.Split('=', 2) is [var k, var v] ? (k, Uri.UnescapeDataString(v)) : (pair, "");
            switch (key)
            {
                case "sslmode" or "ssl":
                    builder.SslMode = ReadSslMode(value);
                    break;
                case "sslrootcert":
                    // libpq's word for the certificates of the system, which are the default here.
                    builder.RootCertificate = value == "system" ? null : value;
                    break;
                case "channel_binding":
                    builder.ChannelBinding = ReadChannelBinding(value);
                    break;
                case "connect_timeout" when int.TryParse(value, System.Globalization.CultureInfo.InvariantCulture, out var seconds):
                    builder.Timeout = Math.Clamp(seconds, 0, 1024);
                    break;
                case "application_name":
                    builder.ApplicationName = value;
                    break;
                default:
                    // Other libpq and asyncpg parameters have no counterpart here; providers append many of them.
                    break;
            }
        }

        return builder.ConnectionString;
    }

    /// <summary>libpq's words, and those that asyncpg and node take too.</summary>
    private static SslMode ReadSslMode(string value) => value switch
    {
        "disable" or "false" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "prefer" => SslMode.Prefer,
        "require" or "true" or "no-verify" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => throw new FormatException("No TLS mode of PostgreSQL's."),
    };

    private static ChannelBinding ReadChannelBinding(string value) => value switch
    {
        "disable" => ChannelBinding.Disable,
        "prefer" => ChannelBinding.Prefer,
        "require" => ChannelBinding.Require,
        _ => throw new FormatException("No channel binding of PostgreSQL's."),
    };

    private static ConfigurationOptions? ReadRedis(SettingsReader reader)
    {
        // Set to nothing is a choice: no Redis.
        var value = reader.ConnectionString(SystemNames.Redis)
            ?? reader.Text("REDIS_URL", reader.Debug && !reader.IsGiven("REDIS_URL") ? LocalRedis : "");
        return value.Length > 0 && IsRedis(reader, "REDIS_URL", value) && !IsMemory(value) ? ParseRedis(value) : null;
    }

    /// <summary>Whether a value leads to a Redis, or is <c>memory://</c>; if not, that is a problem of the setting.</summary>
    public static bool IsRedis(SettingsReader reader, string name, string value)
    {
        try
        {
            // The client's own parser takes an address of no known scheme for a host name.
            _ = IsMemory(value) ? null : ParseRedis(value);
            return true;
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            reader.Fail(name, "is no address such as redis://:password@host:6379/0");
            return false;
        }
    }

    /// <summary>True for the address that means this process alone.</summary>
    public static bool IsMemory(string value) => value.StartsWith("memory://", StringComparison.Ordinal);

    /// <summary>Reads <c>redis://</c>, <c>rediss://</c> (TLS) or the client's own form, which cannot hold a password with a comma.</summary>
    /// <exception cref="FormatException">The scheme is unknown.</exception>
    public static ConfigurationOptions ParseRedis(string url)
    {
        if (!url.Contains("://", StringComparison.Ordinal))
        {
            return ConfigurationOptions.Parse(url);
        }

        var uri = new Uri(url);
        if (uri.Scheme is not ("redis" or "rediss"))
        {
            throw new FormatException("Not a Redis address.");
        }

        var options = new ConfigurationOptions { Ssl = uri.Scheme == "rediss" };
        options.EndPoints.Add(uri.Host, uri.Port > 0 ? uri.Port : 6379);
        var userInfo = uri.UserInfo.Split(':', 2);
        if (userInfo.Length == 2)
        {
            options.User = userInfo[0].Length > 0 ? Uri.UnescapeDataString(userInfo[0]) : null;
            options.Password = Uri.UnescapeDataString(userInfo[1]);
        }

        if (int.TryParse(uri.AbsolutePath.Trim('/'), System.Globalization.CultureInfo.InvariantCulture, out var number))
        {
            options.DefaultDatabase = number;
        }

        return options;
    }
}
