using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Solacore.Tests.Api.Documents;

/// <summary>
/// Checks a value against a schema of an OpenAPI 3.1 document, as far as our documents use schemas. Stricter than JSON
/// Schema in one point: a member that the schema does not name is a problem, too, unless it allows further ones.
/// </summary>
internal sealed class SchemaCheck(JsonElement document)
{
    public IReadOnlyList<string> Problems(JsonElement schema, JsonElement value) => [.. Check(schema, value, "$", isWhole: true)];

    private IEnumerable<string> Check(JsonElement schema, JsonElement value, string at, bool isWhole)
    {
        if (schema.ValueKind == JsonValueKind.True)
        {
            return [];
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            return Check(Resolve(reference.GetString()!), value, at, isWhole);
        }

        var problems = new List<string>();
        if (schema.TryGetProperty("type", out var type) && !Types(type).Any(name => IsOf(name, value)))
        {
            return [$"{at} is {value.ValueKind}, not {type}"];
        }

        if (schema.TryGetProperty("enum", out var words) && !words.EnumerateArray().Any(word => JsonElement.DeepEquals(word, value)))
        {
            problems.Add($"{at} is {value}, none of {words}");
        }

        foreach (var keyword in new[] { "anyOf", "oneOf" })
        {
            if (schema.TryGetProperty(keyword, out var choices)
                && choices.EnumerateArray().Select(choice => Check(choice, value, at, isWhole).ToList()).ToList() is var tried
                && tried.All(found => found.Count > 0))
            {
                problems.Add($"{at} fits none of the choices: {string.Join(" / ", tried.Select(found => found[0]))}");
            }
        }

        if (schema.TryGetProperty("allOf", out var all))
        {
            problems.AddRange(all.EnumerateArray().SelectMany(part => Check(part, value, at, isWhole: false)));
        }

        problems.AddRange(value.ValueKind switch
        {
            JsonValueKind.Object => CheckObject(schema, value, at, isWhole),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) =>
                value.EnumerateArray().SelectMany((item, i) => Check(items, item, $"{at}[{i}]", isWhole: true)),
            JsonValueKind.String => CheckText(schema, value.GetString()!, at),
            JsonValueKind.Number => CheckNumber(schema, value.GetDouble(), at),
            _ => [],
        });
        return problems;
    }

    private IEnumerable<string> CheckObject(JsonElement schema, JsonElement value, string at, bool isWhole)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray().Select(name => name.GetString()!).Where(name => !value.TryGetProperty(name, out _)))
            {
                yield return $"{at}.{name} is missing";
            }
        }

        var further = schema.TryGetProperty("additionalProperties", out var additional) ? additional : default;
        foreach (var member in value.EnumerateObject())
        {
            var own = schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out var found) ? found : further;
            if (own.ValueKind != JsonValueKind.Undefined)
            {
                foreach (var problem in Check(own, member.Value, $"{at}.{member.Name}", isWhole: true))
                {
                    yield return problem;
                }
            }
            else if (isWhole && KnowsMembers(schema) && !Knows(schema, member.Name))
            {
                yield return $"{at}.{member.Name} is not documented";
            }
        }
    }

    private static IEnumerable<string> CheckText(JsonElement schema, string text, string at)
    {
        var format = schema.TryGetProperty("format", out var name) ? name.GetString() : null;
        var isGood = format switch
        {
            "uuid" => Guid.TryParseExact(text, "D", out _),
            "date-time" => Regex.IsMatch(text, @"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)),
            "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            _ => true,
        };
        if (!isGood)
        {
            yield return $"{at} is no {format}: {text}";
        }

        if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, pattern.GetString()!, RegexOptions.None, TimeSpan.FromSeconds(1)))
        {
            yield return $"{at} is not like {pattern}: {text}";
        }

        if (schema.TryGetProperty("maxLength", out var longest) && text.Length > longest.GetInt32())
        {
            yield return $"{at} is longer than {longest}";
        }
    }

    private static IEnumerable<string> CheckNumber(JsonElement schema, double number, string at)
    {
        if ((schema.TryGetProperty("minimum", out var least) && number < least.GetDouble())
            || (schema.TryGetProperty("maximum", out var most) && number > most.GetDouble()))
        {
            yield return $"{at} is out of bounds: {number}";
        }
    }

    private bool KnowsMembers(JsonElement schema) => Parts(schema).Any(part => part.TryGetProperty("properties", out _));

    private bool Knows(JsonElement schema, string name) => Parts(schema).Any(part =>
        (part.TryGetProperty("properties", out var properties) && properties.TryGetProperty(name, out _)) || part.TryGetProperty("additionalProperties", out _));

    /// <summary>The schema and all that it is made of.</summary>
    private IEnumerable<JsonElement> Parts(JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? Parts(Resolve(reference.GetString()!))
        : schema.TryGetProperty("allOf", out var all) ? all.EnumerateArray().SelectMany(Parts).Prepend(schema) : [schema];

    private JsonElement Resolve(string reference) =>
        reference.TrimStart('#', '/').Split('/').Aggregate(document, (element, name) => element.GetProperty(name));

    private static IEnumerable<string> Types(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(name => name.GetString()!) : [type.GetString()!];

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => false,
    };
}
