using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text.Json;
using Solacore.Core;

namespace Solacore.Api.Http.Requests;

/// <summary>Reads one value; on failure returns null and reports what is wrong and, in lists, at which position.</summary>
internal delegate object? ValueReader(RawValue raw, Action<Problem, int?> report);

/// <summary>The types that a request member can have, with the leniency that existing clients rely on.</summary>
internal static class ValueReaders
{
    /// <exception cref="NotSupportedException">No reader exists for the type.</exception>
    public static ValueReader For(Type type) =>
        type == typeof(string) ? ReadString
        : type == typeof(int) ? ReadInt
        : type == typeof(bool) ? ReadBool
        : type == typeof(Guid) ? ReadGuid
        : type == typeof(DateTimeOffset) ? ReadTimestamp
        : type == typeof(DateOnly) ? ReadDate
        : type == typeof(IReadOnlyList<string>) ? ReadStrings
        : type.IsEnum ? EnumReader(type)
        : throw new NotSupportedException($"Requests cannot hold a member of type {type}.");

    private static object? ReadString(RawValue raw, Action<Problem, int?> report)
    {
        if (ToText(raw, out var problem) is { } text)
        {
            return text;
        }

        report(problem!, null);
        return null;
    }

    private static string? ToText(RawValue raw, out Problem? problem)
    {
        problem = null;
        if (!raw.TryGetText(out var text))
        {
            problem = raw.Json.ValueKind == JsonValueKind.String
                ? new Problem("string_unicode", "Input should be a valid string, unable to parse raw data as a unicode string")
                : new Problem("string_type", "Input should be a valid string");
            return null;
        }

        // Postgres cannot store it in a text.
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            problem = Problem.Of("Value error, Text must not contain the null character");
            return null;
        }

        return text;
    }

    private static object? ReadInt(RawValue raw, Action<Problem, int?> report)
    {
        if (raw.TryGetText(out var text))
        {
            // However large: what is beyond an int is beyond every bound.
            if (BigInteger.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture, out var parsed))
            {
                return (int)BigInteger.Clamp(parsed, int.MinValue, int.MaxValue);
            }

            report(new Problem("int_parsing", "Input should be a valid integer, unable to parse string as an integer"), null);
            return null;
        }

        if (raw.Json.ValueKind != JsonValueKind.Number)
        {
            report(new Problem("int_type", "Input should be a valid integer"), null);
            return null;
        }

        if (raw.Json.TryGetInt32(out var number))
        {
            return number;
        }

        // 5.0 is an integer that some client printed with a fraction.
        if (raw.Json.TryGetDouble(out var real) && Math.Truncate(real) == real && real is >= int.MinValue and <= int.MaxValue)
        {
            return (int)real;
        }

        report(new Problem("int_from_float", "Input should be a valid integer, got a number with a fractional part"), null);
        return null;
    }

    private static object? ReadBool(RawValue raw, Action<Problem, int?> report)
    {
        if (raw.TryGetText(out var text))
        {
            switch (text.ToLowerInvariant())
            {
                case "true" or "1" or "yes" or "on" or "t" or "y":
                    return true;
                case "false" or "0" or "no" or "off" or "f" or "n":
                    return false;
            }
        }
        else if (raw.Json.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return raw.Json.GetBoolean();
        }
        else if (raw.Json.ValueKind == JsonValueKind.Number && raw.Json.TryGetInt32(out var number) && number is 0 or 1)
        {
            return number == 1;
        }

        report(new Problem("bool_parsing", "Input should be a valid boolean, unable to interpret input"), null);
        return null;
    }

    private static object? ReadGuid(RawValue raw, Action<Problem, int?> report)
    {
        if (!raw.TryGetText(out var text))
        {
            report(new Problem("uuid_type", "UUID input should be a string, bytes or UUID object"), null);
            return null;
        }

        if (LenientUuid.TryParse(text, out var id))
        {
            return id;
        }

        report(LenientUuid.Explain(text), null);
        return null;
    }

    private static object? ReadTimestamp(RawValue raw, Action<Problem, int?> report)
    {
        if (raw.TryGetText(out var text))
        {
            if (LenientTimestamp.TryParse(text, out var instant))
            {
                return instant;
            }
        }
        else if (raw.Json.ValueKind == JsonValueKind.Number
            && raw.Json.TryGetDouble(out var number) && LenientTimestamp.TryFromUnix(number, out var instant))
        {
            return instant;
        }
        else if (raw.Json.ValueKind != JsonValueKind.Number)
        {
            report(new Problem("datetime_type", "Input should be a valid datetime"), null);
            return null;
        }

        report(Problem.Parsing("datetime_from_date_parsing", "Input should be a valid datetime or date", "not an ISO 8601 timestamp"), null);
        return null;
    }

    private static object? ReadDate(RawValue raw, Action<Problem, int?> report)
    {
        if (raw.TryGetText(out var text)
            && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return date;
        }

        report(Problem.Parsing("date_from_datetime_parsing", "Input should be a valid date or datetime", "not a date such as 2026-11-23"), null);
        return null;
    }

    private static object? ReadStrings(RawValue raw, Action<Problem, int?> report)
    {
        if (raw.Json.ValueKind != JsonValueKind.Array)
        {
            report(new Problem("list_type", "Input should be a valid list"), null);
            return null;
        }

        var texts = new List<string>(raw.Json.GetArrayLength());
        var index = 0;
        foreach (var element in raw.Json.EnumerateArray())
        {
            if (ToText(RawValue.Of(element), out var problem) is { } text)
            {
                texts.Add(text);
            }
            else
            {
                report(problem!, index);
            }

            index++;
        }

        return texts.Count == index ? texts : null;
    }

    private static ValueReader EnumReader(Type type)
    {
        var byName = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            var name = EnumNames.Of(field);
            byName[name] = field.GetValue(null)!;
            foreach (var alias in field.GetCustomAttributes<AlsoReadAttribute>())
            {
                byName[alias.Name] = field.GetValue(null)!;
            }
        }

        var values = byName.ToFrozenDictionary(StringComparer.Ordinal);
        var expected = Alternatives(NamesOf(type));
        var problem = new Problem("enum", $"Input should be {expected}", new Dictionary<string, object> { ["expected"] = expected });
        return (raw, report) =>
        {
            if (raw.TryGetText(out var text) && values.TryGetValue(text, out var value))
            {
                return value;
            }

            report(problem, null);
            return null;
        };
    }

    /// <summary>The words of an enum, without further words that it also reads.</summary>
    public static IReadOnlyList<string> NamesOf(Type type) =>
        [.. type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(EnumNames.Of)];

    /// <summary><c>'a', 'b' or 'c'</c>.</summary>
    public static string Alternatives(IReadOnlyList<string> names) =>
        names.Count == 1
            ? $"'{names[0]}'"
            : string.Join(", ", names.Take(names.Count - 1).Select(name => $"'{name}'")) + $" or '{names[^1]}'";
}

/// <summary>A further word that means this enum member in requests, such as the web client's <c>archived</c>.</summary>
[AttributeUsage(AttributeTargets.Field, AllowMultiple = true)]
internal sealed class AlsoReadAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
