using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Solacore.Core.Settings;

/// <summary>
/// <c>check-config --env-file FILE [--names]</c>: the start of a process up to the point at which it would listen, with the
/// settings of one file and nothing else. Every problem is named at once; nothing is connected to. <c>--names</c> prints
/// the names that the process read as well, so that a misspelt one can be told apart.
/// </summary>
public sealed class SettingsCheck
{
    public const string Command = "check-config";

    private readonly bool _printsNames;
    private readonly IReadOnlyList<SettingsProblem> _fileProblems;
    private readonly NamesRead _names = new();

    private SettingsCheck(bool printsNames, IReadOnlyList<SettingsProblem> fileProblems) =>
        (_printsNames, _fileProblems) = (printsNames, fileProblems);

    /// <summary>
    /// Adds where the settings come from: <c>.env</c> of the working directory below the environment or, when the command
    /// line asks for a check, its file in place of everything.
    /// </summary>
    /// <returns>Null for an ordinary start.</returns>
    public static SettingsCheck? Open(ConfigurationManager configuration, IReadOnlyList<string> args)
    {
        if (args is not [Command, ..])
        {
            configuration.AddDotEnv(".env");
            return null;
        }

        var (file, printsNames) = args switch
        {
            [_, "--env-file", var path] => (path, false),
            [_, "--env-file", var path, "--names"] => (path, true),
            _ => ("", false),
        };
        string[] lines = [];
        List<SettingsProblem> problems = [];
        try
        {
            lines = File.ReadAllLines(file);
            problems.AddRange(DotEnvFile.FindProblems(lines));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            problems.Add(new SettingsProblem(file, $"cannot be read. Usage: {Command} --env-file FILE [--names]"));
        }

        var check = new SettingsCheck(printsNames, problems);
        IConfigurationBuilder builder = configuration;
        builder.Sources.Clear();
        builder.Add(new MemoryConfigurationSource { InitialData = DotEnvFile.Read(lines) });
        builder.Add(check._names);
        return check;
    }

    /// <summary>Writes what was asked for.</summary>
    /// <returns>The exit code: 0 when a process with these settings would start.</returns>
    public int Report(SettingsReader settings)
    {
        if (_printsNames)
        {
            foreach (var name in _names.All)
            {
                Console.WriteLine(name);
            }
        }

        foreach (var problem in _fileProblems)
        {
            settings.Fail(problem.Name, problem.Problem);
        }

        return settings.AreUsable(Console.Error) ? 0 : 1;
    }

    /// <summary>A source that holds nothing and remembers what it was asked for.</summary>
    private sealed class NamesRead : ConfigurationProvider, IConfigurationSource
    {
        private readonly ConcurrentDictionary<string, byte> _names = new(StringComparer.OrdinalIgnoreCase);

        /// <summary>As an environment spells them, sorted; of the runtime's own names only those of connections.</summary>
        public IEnumerable<string> All => _names.Keys
            .Where(name => name.StartsWith("ConnectionStrings:", StringComparison.OrdinalIgnoreCase)
                || name.All(letter => char.IsAsciiLetterUpper(letter) || char.IsAsciiDigit(letter) || letter == '_'))
            .Select(name => name.Replace(ConfigurationPath.KeyDelimiter, "__", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public override bool TryGet(string key, out string? value)
        {
            _names.TryAdd(key, 0);
            value = null;
            return false;
        }

        /// <summary>Nothing is kept, or a write of the host would shadow what the file says.</summary>
        public override void Set(string key, string? value)
        {
        }
    }
}
