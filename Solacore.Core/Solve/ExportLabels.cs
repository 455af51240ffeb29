using System.Collections.Frozen;
using System.Text.Json;
using Solacore.Core.Language;

namespace Solacore.Core.Solve;

/// <summary>The words around a session's own text in a Markdown export, from <c>Export/en.json</c>, <c>es.json</c>, <c>zh.json</c>.</summary>
internal sealed record ExportLabels
{
    private static readonly JsonSerializerOptions FileJson = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly FrozenDictionary<string, ExportLabels> All =
        ReplyLocale.Supported.ToFrozenDictionary(locale => locale, Load, StringComparer.Ordinal);

    public required string Title { get; init; }
    public required string Created { get; init; }
    public required string Status { get; init; }
    public required string Step { get; init; }
    public required string Tags { get; init; }
    public required string Completed { get; init; }
    public required string Action { get; init; }
    public required string ActionCompleted { get; init; }
    public required string Conversation { get; init; }
    public required string You { get; init; }
    public required string Assistant { get; init; }
    public required string Exported { get; init; }

    /// <summary>By the status as written on the wire.</summary>
    public required IReadOnlyDictionary<string, string> Statuses { get; init; }

    /// <summary>By the step as written on the wire.</summary>
    public required IReadOnlyDictionary<string, string> Steps { get; init; }

    /// <param name="locale">One of <see cref="ReplyLocale.Supported"/>.</param>
    public static ExportLabels For(string locale) => All[locale];

    private static ExportLabels Load(string locale) => BuiltInFile.ReadJson<ExportLabels>($"export/{locale}.json", FileJson);
}
