namespace Solacore.AppHost;

internal static class PostgresContainer
{
    /// <summary>Major version, the same locally, on a single server and in Azure.</summary>
    public const string Version = "17";

    /// <summary>
    /// A volume outlives the container, so the version under it must never change by itself. The tag comes first because
    /// the path of the volume inside the container depends on it.
    /// </summary>
    public static IResourceBuilder<PostgresServerResource> WithPinnedDataVolume(this IResourceBuilder<PostgresServerResource> postgres) =>
        postgres.WithImageTag(Version).WithDataVolume("solacore-postgres-" + Version);
}
