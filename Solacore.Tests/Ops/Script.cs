using Solacore.LocalHost;

namespace Solacore.Tests.Ops;

/// <summary>A script of <c>ops/</c>, run as an operator runs it.</summary>
internal static class Script
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task<ScriptResult> RunAsync(
        string name, IReadOnlyList<string> arguments, params IEnumerable<(string Name, string? Value)> environment)
    {
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["API"] = BuildOutput.ApiAssembly,
            ["WORKER"] = BuildOutput.WorkerAssembly,
        };
        foreach (var (variable, value) in environment)
        {
            variables[variable] = value;
        }

        await using var process = ServiceProcess.Start(new ServiceOptions(name, PathOf(name), arguments)
        {
            Environment = variables,
            WorkingDirectory = BuildOutput.RepositoryRoot,
        });
        var exitCode = await process.Exited.WaitAsync(Patience);
        return new ScriptResult(exitCode, process.LastLines);
    }

    public static string PathOf(string name) => Path.Combine(BuildOutput.RepositoryRoot, "ops", name);
}

/// <summary>How a script ended and what it wrote.</summary>
internal sealed record ScriptResult(int ExitCode, IReadOnlyList<string> Lines)
{
    public string Text => string.Join('\n', Lines);
}
