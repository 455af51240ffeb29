using System.Linq.Expressions;
using System.Reflection;
using System.Text.Json;

namespace Solacore.Api.Http.Requests;

/// <summary>One member of a request record: its wire name, how it is read and which rules hold for it.</summary>
internal sealed class RequestMember
{
    private readonly ValueReader _read;
    private readonly object? _default;
    private readonly Func<object?, object>? _wrap;

    public RequestMember(ParameterInfo parameter)
    {
        Name = JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter.Name!);
        ValueType = parameter.ParameterType;
        if (ValueType.IsGenericType && ValueType.GetGenericTypeDefinition() == typeof(Optional<>))
        {
            var optional = ValueType;
            ValueType = ValueType.GenericTypeArguments[0];
            _default = Activator.CreateInstance(optional);
            _wrap = CompileWrap(optional);
            IsNullable = true;
        }
        else
        {
            IsNullable = Nullable.GetUnderlyingType(ValueType) is not null
                || (!ValueType.IsValueType && new NullabilityInfoContext().Create(parameter).ReadState == NullabilityState.Nullable);
            _default = parameter.HasDefaultValue ? parameter.DefaultValue : null;
        }

        ValueType = Nullable.GetUnderlyingType(ValueType) ?? ValueType;
        IsRequired = !IsNullable && !parameter.HasDefaultValue;
        if (ValueType.IsEnum && _default is not null and not Enum && _wrap is null)
        {
            _default = Enum.ToObject(ValueType, _default);
        }

        Rules = [.. parameter.GetCustomAttributes<RuleAttribute>()];
        IsPrivate = parameter.IsDefined(typeof(PrivateAttribute)) || Rules.Any(rule => rule.IsPrivate);
        _read = ValueReaders.For(ValueType);
    }

    public string Name { get; }

    public Type ValueType { get; }

    public bool IsRequired { get; }

    public bool IsNullable { get; }

    public bool IsPrivate { get; }

    public IReadOnlyList<RuleAttribute> Rules { get; }

    /// <summary>The value for the record's constructor; reports to <paramref name="problems"/> when there is none.</summary>
    public object? Read(RawValue raw, string part, Func<object?> echoOfWhole, RequestProblems problems)
    {
        if (!raw.IsPresent)
        {
            if (IsRequired)
            {
                problems.Add(Problem.Missing, [part, Name], echoOfWhole());
            }

            return _default;
        }

        if (raw.IsNull && !IsRequired)
        {
            return _wrap is null ? _default : _wrap(null);
        }

        var value = _read(raw, (problem, index) => problems.Add(
            problem,
            index is { } position ? [part, Name, position] : [part, Name],
            IsPrivate ? null : raw.Echo()));
        if (value is null)
        {
            return _default;
        }

        foreach (var rule in Rules)
        {
            if (rule.Check(value) is { } problem)
            {
                problems.Add(problem, [part, Name], IsPrivate ? null : raw.Echo());
                break;
            }
        }

        return _wrap is null ? value : _wrap(value);
    }

    private static Func<object?, object> CompileWrap(Type optional)
    {
        var value = Expression.Parameter(typeof(object), "value");
        var given = Expression.New(
            optional.GetConstructors().Single(), Expression.Convert(value, optional.GenericTypeArguments[0]), Expression.Constant(true));
        return Expression.Lambda<Func<object?, object>>(Expression.Convert(given, typeof(object)), value).Compile();
    }
}

/// <summary>How to read a record from a request. Built once per type: no reflection happens while requests are served.</summary>
/// <typeparam name="T">A sealed record with one public constructor; its parameters are the members.</typeparam>
internal static class RequestSchema<T> where T : class
{
    private static readonly ConstructorInfo Constructor = typeof(T).GetConstructors().Single();

    private static readonly Func<object?[], T> Create = CompileConstructor();

    public static IReadOnlyList<RequestMember> Members { get; } =
        [.. Constructor.GetParameters().Select(parameter => new RequestMember(parameter))];

    /// <summary>Reads every member, so that all problems are found; null when the record could not be made.</summary>
    public static T? Read(Func<string, RawValue> find, string part, Func<object?> echoOfWhole, RequestProblems problems)
    {
        var values = new object?[Members.Count];
        var isComplete = true;
        for (var i = 0; i < values.Length; i++)
        {
            var member = Members[i];
            values[i] = member.Read(find(member.Name), part, echoOfWhole, problems);
            isComplete &= values[i] is not null || !member.IsRequired;
        }

        return isComplete ? Create(values) : null;
    }

    private static Func<object?[], T> CompileConstructor()
    {
        var values = Expression.Parameter(typeof(object?[]), "values");
        var arguments = Constructor.GetParameters().Select((parameter, index) =>
            Expression.Convert(Expression.ArrayIndex(values, Expression.Constant(index)), parameter.ParameterType));
        return Expression.Lambda<Func<object?[], T>>(Expression.New(Constructor, arguments), values).Compile();
    }
}
