using System.Net;
using System.Text.RegularExpressions;

namespace Solacore.Api.Pages;

/// <summary>
/// The texts of the pages: <c>name.language.html</c> in the operator's folder, else in <c>pages/</c> beside the service.
/// They are read at each request, so an edited text shows at once. <c>{{name}}</c> stands for a value.
/// </summary>
internal sealed partial class PageFiles(PageOptions options)
{
    public const string DefaultLanguage = "en";

    private const string Layout = "layout.html";

    private static readonly string BuiltIn = Path.Combine(AppContext.BaseDirectory, "pages");

    /// <summary>A whole page.</summary>
    /// <param name="name">Name of the text, without language and ending.</param>
    /// <param name="language">The reader's language; a text that lacks it is shown in English.</param>
    /// <param name="values">What stands for <c>{{name}}</c>; escaped here, unless the name ends with <c>_html</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FileNotFoundException">Neither folder has the text.</exception>
    public async Task<Page> RenderAsync(string name, string language, IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        var (path, actual) = Find(name, language);
        var body = Fill(await File.ReadAllTextAsync(path, cancellationToken), values);
        var layout = await File.ReadAllTextAsync(FindLayout(), cancellationToken);
        var title = Heading().Match(body).Groups["text"].Value;
        var html = Fill(layout, new Dictionary<string, string>(values, StringComparer.Ordinal)
        {
            ["language"] = actual,
            ["title"] = WebUtility.HtmlDecode(title),
            ["body_html"] = body,
        });
        return new Page(html, actual);
    }

    /// <summary>The operator's English text wins over a translation that came with the service: it says something else.</summary>
    private (string Path, string Language) Find(string name, string language)
    {
        foreach (var folder in Folders())
        {
            foreach (var candidate in new[] { language, DefaultLanguage })
            {
                var path = Path.Combine(folder, $"{name}.{candidate}.html");
                if (File.Exists(path))
                {
                    return (path, candidate);
                }
            }
        }

        throw new FileNotFoundException($"The page {name} has no text.");
    }

    private string FindLayout() => Folders().Select(folder => Path.Combine(folder, Layout)).First(File.Exists);

    private IEnumerable<string> Folders() => options.Directory is { } own ? [own, BuiltIn] : [BuiltIn];

    private static string Fill(string text, IReadOnlyDictionary<string, string> values) => Placeholder().Replace(text, match =>
    {
        var name = match.Groups["name"].Value;
        return !values.TryGetValue(name, out var value) ? ""
            : name.EndsWith("_html", StringComparison.Ordinal) ? value
            : WebUtility.HtmlEncode(value);
    });

    [GeneratedRegex(@"\{\{(?<name>[a-z_]+)\}\}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();

    [GeneratedRegex("<h1>(?<text>[^<]*)</h1>", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Heading();
}

/// <param name="Language">The language that it is in, which need not be the one asked for.</param>
internal sealed record Page(string Html, string Language);
