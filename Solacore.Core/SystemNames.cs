namespace Solacore;

/// <summary>
/// The names by which the parts of the system find one another. AppHost and LocalHost compile this very file,
/// so a rename here reaches every place that starts, wires or reads a part.
/// </summary>
internal static class SystemNames
{
    /// <summary>Resource and process names, as the dashboard and the log prefixes show them.</summary>
    public const string Postgres = "postgres";
    public const string Redis = "redis";
    public const string Migrations = "migrations";
    public const string Api = "api";
    public const string Worker = "worker";

    /// <summary>Name of the database, of its resource and of its connection string.</summary>
    public const string Database = "solacore";

    /// <summary>Environment variables of the two connections, in the form every .NET host reads.</summary>
    public const string DatabaseConnection = "ConnectionStrings__" + Database;
    public const string RedisConnection = "ConnectionStrings__" + Redis;

    /// <summary>Argument with which the worker migrates the database, seeds it and exits.</summary>
    public const string MigrateCommand = "migrate";

    /// <summary>Port on which the api listens for clients unless told otherwise.</summary>
    public const int DefaultApiPort = 8000;

    /// <summary>Environment variable with the port for metrics, details and operators; never exposed to clients.</summary>
    public const string InternalPort = "INTERNAL_PORT";
}
