namespace Solacore.Core.Settings;

/// <summary>What a process is started with: nothing, a command of its own, or settings in the forms that the host reads.</summary>
public static class CommandLine
{
    /// <summary>Exit code of a process that does not understand what it shall do.</summary>
    public const int NotUnderstood = 2;

    /// <summary>
    /// Whether every argument says something; if not, the usage is written: a mistyped command must not start a service.
    /// </summary>
    /// <param name="args">The arguments.</param>
    /// <param name="output">Takes the usage.</param>
    /// <param name="commands">What the first of them may be; a command reads the others itself.</param>
    public static bool IsUnderstood(ReadOnlySpan<string> args, TextWriter output, params ReadOnlySpan<string> commands)
    {
        if (args is [var first, ..] && commands.Contains(first))
        {
            return true;
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
                output.WriteLine($"\"{argument}\" is no command and sets nothing. Usage: [{string.Join(" | ", commands!)} | --NAME VALUE ...]; the service starts without arguments.");
                return false;
            }
        }

        return true;
    }
}
