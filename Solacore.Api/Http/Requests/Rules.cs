using System.Globalization;
using Microsoft.OpenApi;

namespace Solacore.Api.Http.Requests;

/// <summary>A rule on a value that was read already; the first rule that fails is reported.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal abstract class RuleAttribute : Attribute
{
    /// <summary>Its values never appear in an error answer, as if they were marked <see cref="PrivateAttribute"/>.</summary>
    public virtual bool IsPrivate => false;

    public abstract Problem? Check(object value);

    /// <summary>Tells the same rule to readers of the OpenAPI document.</summary>
    public abstract void Describe(OpenApiSchema schema);
}

/// <summary>The value never appears in an error answer: it is a secret, or something a person wrote about themselves.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal sealed class PrivateAttribute : Attribute;

/// <summary>Bounds on the length of a text in Unicode characters.</summary>
internal sealed class LengthAttribute(int min, int max) : RuleAttribute
{
    /// <summary>Measure without surrounding white space, of which there may be as much again; the value itself stays as it was sent.</summary>
    public bool Trimmed { get; init; }

    public override Problem? Check(object value)
    {
        var text = (string)value;
        var measured = Trimmed ? text.AsSpan().Trim() : text;
        var length = CountCharacters(measured);
        return length < min ? new Problem("string_too_short", $"String should have at least {Characters(min)}", Bound("min_length", min))
            : length > max || text.Length - measured.Length > max ? new Problem("string_too_long", $"String should have at most {Characters(max)}", Bound("max_length", max))
            : null;
    }

    public override void Describe(OpenApiSchema schema)
    {
        schema.MinLength = min > 0 ? min : null;
        schema.MaxLength = max;
    }

    private static int CountCharacters(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }

    private static string Characters(int count) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} character{(count == 1 ? "" : "s")}");

    private static Dictionary<string, object> Bound(string name, int value) => new(StringComparer.Ordinal) { [name] = value };
}

/// <summary>Inclusive bounds of a number. The largest int is what every number beyond it is read as, and is out of all of them.</summary>
internal sealed class RangeAttribute(int min, int max = int.MaxValue - 1) : RuleAttribute
{
    public override Problem? Check(object value) => (int)value switch
    {
        var number when number < min => new Problem(
            "greater_than_equal",
            string.Create(CultureInfo.InvariantCulture, $"Input should be greater than or equal to {min}"),
            new Dictionary<string, object> { ["ge"] = min }),
        var number when number > max => new Problem(
            "less_than_equal",
            string.Create(CultureInfo.InvariantCulture, $"Input should be less than or equal to {max}"),
            new Dictionary<string, object> { ["le"] = max }),
        _ => null,
    };

    public override void Describe(OpenApiSchema schema)
    {
        schema.Minimum = min.ToString(CultureInfo.InvariantCulture);
        schema.Maximum = max.ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>Largest number of entries of a list.</summary>
internal sealed class AtMostAttribute(int count) : RuleAttribute
{
    public override Problem? Check(object value) => ((IReadOnlyList<string>)value).Count is var actual && actual > count
        ? new Problem(
            "too_long",
            string.Create(CultureInfo.InvariantCulture, $"List should have at most {count} items after validation, not {actual}"),
            new Dictionary<string, object> { ["field_type"] = "List", ["max_length"] = count, ["actual_length"] = actual })
        : null;

    public override void Describe(OpenApiSchema schema) => schema.MaxItems = count;
}

/// <summary>One of a closed set of words that is a text in our own code too.</summary>
internal sealed class OneOfAttribute(params string[] words) : RuleAttribute
{
    private readonly string _expected = ValueReaders.Alternatives(words);

    public override Problem? Check(object value) => words.Contains((string)value, StringComparer.Ordinal)
        ? null
        : new Problem("literal_error", $"Input should be {_expected}", new Dictionary<string, object> { ["expected"] = _expected });

    public override void Describe(OpenApiSchema schema) => schema.Enum = [.. words.Select(word => (System.Text.Json.Nodes.JsonNode)word)];
}
