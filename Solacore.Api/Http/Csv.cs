using System.Buffers;
using System.Globalization;
using System.Text;
using Solacore.Core;

namespace Solacore.Api.Http;

/// <summary>A table as text: commas, CRLF, quotes where a cell needs them (RFC 4180).</summary>
internal sealed class Csv
{
    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(",\"\r\n");

    private readonly StringBuilder _text = new();

    /// <summary>Adds a row; without cells an empty line.</summary>
    public Csv Row(params ReadOnlySpan<object?> cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            _text.Append(i == 0 ? "" : ",").Append(Cell(cells[i]));
        }

        _text.Append("\r\n");
        return this;
    }

    public override string ToString() => _text.ToString();

    private static string Cell(object? value)
    {
        var text = value switch
        {
            null => "",
            string one => Harmless(one),
            DateTimeOffset instant => instant.ToWire(),
            DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
        return text.AsSpan().ContainsAny(NeedQuotes) ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }

    /// <summary>A spreadsheet would run a text that begins like a formula; behind an apostrophe it only shows it.</summary>
    private static string Harmless(string text) => text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text;
}
