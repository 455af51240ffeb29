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

    /// <summary>
    /// Connection past a transaction-mode pooler, for LISTEN and session locks; absent where the first one is direct.
    /// </summary>
    public const string DirectDatabase = Database + "-direct";

    /// <summary>Argument with which the worker migrates the database, seeds it and exits.</summary>
    public const string MigrateCommand = "migrate";

    /// <summary>Option of <see cref="MigrateCommand"/> that drops everything first; refused outside debug mode.</summary>
    public const string ResetOption = "--reset";

    /// <summary>Port on which the api listens for clients unless told otherwise.</summary>
    public const int DefaultApiPort = 8000;

    /// <summary>Environment variable with the port for metrics, details and operators; never exposed to clients.</summary>
    public const string InternalPort = "INTERNAL_PORT";

    /// <summary>Internal port inside a container, where it cannot meet that of another service.</summary>
    public const int DefaultInternalPort = 8001;

    /// <summary>Depth of the queue as a scaler outside sees it: jobs that a worker could start now.</summary>
    public const string ReadyJobsQuery = "select count(*) from jobs where state = 0 and run_at <= now()";
}
