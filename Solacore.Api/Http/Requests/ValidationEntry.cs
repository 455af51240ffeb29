using System.Text.Json.Serialization;

namespace Solacore.Api.Http.Requests;

/// <summary>One problem of a request, in the shape that existing clients parse (contract/http-api.md section 6).</summary>
/// <param name="Type">Machine code such as <c>missing</c> or <c>int_parsing</c>.</param>
/// <param name="Loc"><c>path</c>, <c>query</c>, <c>header</c> or <c>body</c>, then names and list positions.</param>
/// <param name="Msg">English sentence; clients show the first entry's.</param>
/// <param name="Input">The rejected value, or null where it may hold what a person wrote or a secret.</param>
/// <param name="Ctx">Bounds and expectations; left out when there are none.</param>
internal sealed record ValidationEntry(
    string Type,
    IReadOnlyList<object> Loc,
    string Msg,
    object? Input,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] object? Ctx = null);

/// <summary>What is wrong with one value, before it is known where the value stood.</summary>
internal sealed record Problem(string Type, string Message, object? Context = null)
{
    public static readonly Problem Missing = new("missing", "Field required");

    /// <summary>A rule of ours, in words.</summary>
    public static Problem Of(string message) => new("value_error", message, new Dictionary<string, object> { ["error"] = new object() });

    public static Problem Parsing(string type, string message, string error) =>
        new(type, message, new Dictionary<string, object> { ["error"] = error });
}

/// <summary>
/// Everything wrong with the current request. Binding adds to it instead of throwing, so that a client learns all
/// problems at once; the root filter answers 422 when it is not empty.
/// </summary>
internal sealed class RequestProblems
{
    private static readonly string[] PartOrder = [Part.Path, Part.Query, Part.Header, Part.Body];

    private readonly List<ValidationEntry> _entries = [];

    public static RequestProblems Of(HttpContext context)
    {
        var problems = context.Features.Get<RequestProblems>();
        if (problems is null)
        {
            problems = new RequestProblems();
            context.Features.Set(problems);
        }

        return problems;
    }

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>Path, query, header, body; inside each part in the order of declaration.</summary>
    public IReadOnlyList<ValidationEntry> Entries => [.. _entries.OrderBy(entry => Array.IndexOf(PartOrder, entry.Loc[0]))];

    public void Add(Problem problem, IReadOnlyList<object> location, object? input) =>
        _entries.Add(new ValidationEntry(problem.Type, location, problem.Message, input, problem.Context));
}

/// <summary>First element of an entry's location.</summary>
internal static class Part
{
    public const string Path = "path";
    public const string Query = "query";
    public const string Header = "header";
    public const string Body = "body";
}
