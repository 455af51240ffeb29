using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Solacore.Core;

/// <summary>
/// How the members of an enum are written on the wire, in the database and in metrics: in snake_case, unless the member has a
/// <see cref="JsonStringEnumMemberNameAttribute"/>. Reading is exact: case matters.
/// </summary>
public static class EnumNames
{
    /// <exception cref="KeyNotFoundException">The value is no member.</exception>
    public static string Name<T>(this T value)
        where T : struct, Enum => Members<T>.Names[value];

    public static bool TryParse<T>([NotNullWhen(true)] string? name, out T value)
        where T : struct, Enum
    {
        value = default;
        return name is not null && Members<T>.Values.TryGetValue(name, out value);
    }

    /// <exception cref="ArgumentOutOfRangeException">No member has this name.</exception>
    public static T Parse<T>(string name)
        where T : struct, Enum =>
        TryParse(name, out T value) ? value : throw new ArgumentOutOfRangeException(nameof(name), name, message: null);

    /// <summary>As <see cref="Parse{T}(string)"/>, for names that somebody else may have written.</summary>
    public static T Parse<T>(string? name, T otherwise)
        where T : struct, Enum =>
        TryParse(name, out T value) ? value : otherwise;

    /// <summary>The name of a member, which is a field of its enum.</summary>
    public static string Of(FieldInfo member) =>
        member.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? JsonNamingPolicy.SnakeCaseLower.ConvertName(member.Name);

    private static class Members<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> Names = typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static)
            .ToFrozenDictionary(member => (T)member.GetValue(null)!, Of);

        public static readonly FrozenDictionary<string, T> Values = Names.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);
    }
}
