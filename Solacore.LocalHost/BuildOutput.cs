using System.Reflection;

namespace Solacore.LocalHost;

/// <summary>Where this build put what LocalHost starts; written into the assembly by its project file.</summary>
public static class BuildOutput
{
    /// <summary>Path of this assembly beside what it needs to run; whoever refers to it has a copy, but not all of the rest.</summary>
    public static string HostAssembly { get; } = Read(nameof(HostAssembly));

    /// <summary>Path of the api's assembly.</summary>
    public static string ApiAssembly { get; } = Read(nameof(ApiAssembly));

    /// <summary>Path of the worker's assembly.</summary>
    public static string WorkerAssembly { get; } = Read(nameof(WorkerAssembly));

    /// <summary>The folder of the solution.</summary>
    public static string RepositoryRoot { get; } = Read(nameof(RepositoryRoot));

    private static string Read(string key) =>
        typeof(BuildOutput).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
