namespace Solacore;

// The names by which the parts of the system find one another. AppHost and LocalHost compile this very file,
// so a rename here reaches every place that starts, wires or reads a part. No XML docs: the same member documented in
// several assemblies is one too many for the OpenAPI generator.
internal static class SystemNames
{
    // Resource and process names, as the dashboard and the log prefixes show them.
    public const string Postgres = "postgres";
    public const string Redis = "redis";
    public const string Migrations = "migrations";
    public const string Api = "api";
    public const string Worker = "worker";

    // Name of the database, of its resource and of its connection string.
    public const string Database = "solacore";

    // Environment variables of the two connections, in the form every .NET host reads.
    public const string DatabaseConnection = "ConnectionStrings__" + Database;
    public const string RedisConnection = "ConnectionStrings__" + Redis;

    // Connection past a transaction-mode pooler, for LISTEN and session locks; absent where the first one is direct.
    public const string DirectDatabase = Database + "-direct";

    // Argument with which the worker migrates the database, seeds it and exits.
    public const string MigrateCommand = "migrate";

    // Option of the command that drops everything first; refused outside debug mode.
    public const string ResetOption = "--reset";

    // Port on which the api listens for clients unless told otherwise.
    public const int DefaultApiPort = 8000;

    // Environment variable with the port for metrics, details and operators; never exposed to clients.
    public const string InternalPort = "INTERNAL_PORT";

    // What a platform or a shell may set instead of HOST and PORT; it wins over them.
    public static readonly string[] PlatformAddresses =
        ["URLS", "HTTP_PORTS", "HTTPS_PORTS", "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS"];

    // Internal port inside a container, where it cannot meet that of another service.
    public const int DefaultInternalPort = 8001;

    // Tag on an activity that belongs to sign-in or payment: a single error in it wakes somebody.
    public const string PriorityZeroTag = "p0";

    // Custom property of an activity with the id of the user it works for; never exported, reported as a hash.
    public const string UserIdProperty = "user.id";

    // Depth of the queue as a scaler outside sees it: jobs that a worker could start now.
    public const string ReadyJobsQuery = "select count(*) from jobs where state = 0 and run_at <= now()";
}
