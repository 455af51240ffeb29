namespace Solacore.LocalHost;

/// <summary>
/// Standard output: every line of a part behind its name, in the colour of the part where somebody looks at a terminal
/// and has not set <c>NO_COLOR</c>.
/// </summary>
internal sealed class Terminal(TextWriter output, bool colours)
{
    private const string Reset = "\e[0m";

    /// <summary>The terminal, or whatever stands in its place.</summary>
    public static Terminal Open() =>
        new(Console.Out, colours: !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    /// <summary>A line of a part's log.</summary>
    public void WriteLine(string part, string line)
    {
        var prefix = $"{part,-10} | ";
        WriteLine(colours ? Colour(part) + prefix + Reset + line : prefix + line);
    }

    /// <summary>A line of our own.</summary>
    public void WriteLine(string line)
    {
        try
        {
            output.WriteLine(line);
        }
        catch (IOException)
        {
            // The terminal was closed; what is left to do is the clean stop that SIGHUP asks for.
        }
    }

    private static string Colour(string part) => part switch
    {
        SystemNames.Postgres => "\e[34m",
        SystemNames.Redis => "\e[31m",
        SystemNames.Migrations => "\e[33m",
        SystemNames.Api => "\e[32m",
        _ => "\e[35m",
    };
}
