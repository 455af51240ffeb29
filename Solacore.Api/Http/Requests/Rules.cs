using System.Globalization;
using Microsoft.OpenApi;
using Solacore.Core.Accounts;
using Solacore.Core.Push;
using Solacore.Core.Solve;

namespace Solacore.Api.Http.Requests;

/// <summary>A rule on a value that was read already; the first rule that fails is reported.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
internal abstract class RuleAttribute : Attribute
{
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

/// <summary>At most so many tags, as <see cref="SessionTags"/> leaves them.</summary>
internal sealed class TagListAttribute : RuleAttribute
{
    private static readonly AtMostAttribute Most = new(20);

    public override Problem? Check(object value) => Most.Check(SessionTags.Clean((IReadOnlyList<string>)value));

    public override void Describe(OpenApiSchema schema) => Most.Describe(schema);
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

/// <summary>An e-mail address by <see cref="EmailAddress"/>.</summary>
internal sealed class EmailAttribute : RuleAttribute
{
    public override Problem? Check(object value) => EmailAddress.FindProblem((string)value) is { } reason
        ? new Problem(
            "value_error",
            $"value is not a valid email address: {reason}",
            new Dictionary<string, object> { ["reason"] = reason })
        : null;

    public override void Describe(OpenApiSchema schema) => schema.Format = "email";
}

/// <summary>A new password by <see cref="PasswordRules"/>.</summary>
internal sealed class PasswordAttribute : RuleAttribute
{
    public override Problem? Check(object value) =>
        PasswordRules.FindProblem((string)value) is { } reason ? Problem.Of($"Value error, {reason}") : null;

    public override void Describe(OpenApiSchema schema)
    {
        schema.Format = "password";
        schema.MinLength = PasswordRules.MinLength;
    }
}

/// <summary>A push token by <see cref="PushToken"/>.</summary>
internal sealed class ExpoPushTokenAttribute : RuleAttribute
{
    public override Problem? Check(object value) =>
        PushToken.IsValid((string)value) ? null : Problem.Of("Value error, Push token should look like ExponentPushToken[...]");

    public override void Describe(OpenApiSchema schema) => schema.MaxLength = PushToken.MaxLength;
}
