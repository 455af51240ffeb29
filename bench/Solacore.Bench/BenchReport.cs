using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Solacore.LocalHost;

namespace Solacore.Bench;

/// <summary>Figures of one run with what they depend on, for <c>bench/results/</c>.</summary>
/// <param name="Name">The command; names the files.</param>
/// <param name="Settings">What the run was asked to do.</param>
internal sealed record BenchReport(string Name, IReadOnlyDictionary<string, object> Settings)
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerOptions.Web) { WriteIndented = true };

    private readonly List<(string Figure, string Unit, double Value, string Note)> _rows = [];

    public void Add(string figure, double value, string unit, string note = "") => _rows.Add((figure, unit, value, note));

    /// <summary>Prints the table and writes it as Markdown and JSON.</summary>
    public async Task WriteAsync()
    {
        var folder = Path.Combine(BuildOutput.RepositoryRoot, "bench", "results");
        Directory.CreateDirectory(folder);
        var machine = new
        {
            Cpu = Cpu(),
            Cores = Environment.ProcessorCount,
            MemoryGb = Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9, 1),
            System = RuntimeInformation.OSDescription,
            Runtime = RuntimeInformation.FrameworkDescription,
            LoadAverage = LoadAverage(),
        };
        var commit = await CommitAsync();
        var at = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

        var table = new StringBuilder();
        table.AppendLine("| figure | value | unit | |").AppendLine("|---|---:|---|---|");
        foreach (var (figure, unit, value, note) in _rows)
        {
            table.AppendLine(CultureInfo.InvariantCulture, $"| {figure} | {value:0.##} | {unit} | {note} |");
        }

        Console.WriteLine(table);
        var settings = string.Join(", ", Settings.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Key} {s.Value}")));
        await File.WriteAllTextAsync(
            Path.Combine(folder, Name + ".md"),
            $"""
            # bench/run {Name}

            {at}, commit {commit}. {machine.Cpu}, {machine.Cores} cores, {machine.MemoryGb.ToString(CultureInfo.InvariantCulture)} GB, load average {machine.LoadAverage} at the end.
            {settings}.

            {table}
            """);
        await File.WriteAllTextAsync(
            Path.Combine(folder, Name + ".json"),
            JsonSerializer.Serialize(
                new
                {
                    Name,
                    At = at,
                    Commit = commit,
                    Machine = machine,
                    Settings,
                    Figures = _rows.Select(r => new { r.Figure, r.Value, r.Unit, r.Note }),
                },
                Indented) + "\n");
    }

    private static string Cpu() => File.Exists("/proc/cpuinfo")
        ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown"
        : RuntimeInformation.ProcessArchitecture.ToString();

    private static string LoadAverage() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static async Task<string> CommitAsync()
    {
        using var git = Process.Start(new ProcessStartInfo("git", ["describe", "--always", "--dirty"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            WorkingDirectory = BuildOutput.RepositoryRoot,
        });
        return git is null ? "unknown" : (await git.StandardOutput.ReadToEndAsync()).Trim();
    }
}
