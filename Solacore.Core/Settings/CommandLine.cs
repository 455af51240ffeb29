namespace Solacore.Core.Settings;

/// <summary>What a process is started with: nothing, a command of its own, or settings in the forms that the host reads.</summary>
public static class CommandLine
{
    /// <summary>Exit code of a process that does not understand what it shall do.</summary>
    public const int NotUnderstood = 2;

    /// <summary>
    /// Answers a question for help, and arguments that say nothing: a mistyped command must not start a service.
    /// </summary>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Takes the usage that was asked for.</param>
    /// <param name="errors">Takes the usage that was not.</param>
    /// <param name="commands">What the first of them may be; a command reads the others itself.</param>
    /// <returns>The exit code; null when the process shall go on.</returns>
    public static int? Answer(ReadOnlySpan<string> args, TextWriter output, TextWriter errors, params ReadOnlySpan<string> commands)
    {
        var usage = $"Usage: [{string.Join(" | ", commands!)} | --NAME VALUE ...]; the service starts without arguments.";
        if (AsksForHelp(args))
        {
            output.WriteLine(usage);
            return 0;
        }

        if (args is [var first, ..] && commands.Contains(first))
        {
            return null;
        }

        while (args is [var argument, .. var behind])
        {
            if (argument.Contains('=', StringComparison.Ordinal))
            {
                args = behind;
            }
            else if (argument.StartsWith("--", StringComparison.Ordinal) && behind is [_, .. var further])
            {
                args = further;
            }
            else
            {
                errors.WriteLine($"\"{argument}\" is no command and sets nothing. {usage}");
                return NotUnderstood;
            }
        }

        return null;
    }

    /// <summary>Whether <c>--help</c> or <c>-h</c> is among the arguments.</summary>
    public static bool AsksForHelp(ReadOnlySpan<string> args) => args.Contains("--help") || args.Contains("-h");
}
