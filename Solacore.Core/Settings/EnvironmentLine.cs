namespace Solacore.Core.Settings;

/// <summary>
/// One line of a <c>.env</c> file: <c>NAME=value</c>, <c>#</c> comments (also behind a value), optional quotes and
/// <c>export </c>. LocalHost compiles this very file, so that both read the same out of it.
/// </summary>
internal static class EnvironmentLine
{
    /// <summary>Null for a line that says nothing, or nothing in this form.</summary>
    public static (string Name, string Value)? Read(string line)
    {
        var text = line.Trim();
        var assignment = text.StartsWith("export ", StringComparison.Ordinal) ? text[7..] : text;
        var split = assignment.IndexOf('=', StringComparison.Ordinal);
        return split > 0 && text[0] != '#' ? (assignment[..split].Trim(), Unquote(assignment[(split + 1)..].Trim())) : null;
    }

    /// <summary>A quoted value ends at its quote; any other at a # with a space before it.</summary>
    private static string Unquote(string value)
    {
        if (value.Length > 0 && value[0] is '"' or '\'' && value.IndexOf(value[0], 1) is > 0 and var end
            && value.AsSpan(end + 1).TrimStart() is [] or ['#', ..])
        {
            return value[1..end];
        }

        var comment = value.StartsWith('#') ? 0 : value.IndexOf(" #", StringComparison.Ordinal);
        return comment < 0 ? value : value[..comment].TrimEnd();
    }
}
