using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Core;
using Solacore.Core.Data;
using Solacore.Core.Settings;
using Solacore.ServiceDefaults;

namespace Solacore.Worker.Jobs;

/// <summary>Who may look at and replay dead letters over HTTP.</summary>
/// <param name="Key">Sent as bearer token; empty: nobody, except in development.</param>
internal sealed record OperatorAccess(string Key, bool Open)
{
    private const string Scheme = "Bearer ";

    // A record prints its members; secrets must never reach a log line.
    public override string ToString() => nameof(OperatorAccess);

    public static OperatorAccess Read(SettingsReader reader)
    {
        var key = reader.Text(SettingNames.OperatorKey);
        return new OperatorAccess(key, Open: reader.Debug && key.Length == 0);
    }

    public bool Allows(HttpRequest request) => Open
        || (request.Headers.Authorization.ToString() is var given
            && given.StartsWith(Scheme, StringComparison.Ordinal)
            && BearerSecret.IsValid(given[Scheme.Length..], [Key]));
}

/// <summary>A parameter of an operator's route.</summary>
/// <param name="Form">What it has to be, as a sentence goes on after "is no".</param>
internal sealed record OperatorParameter(string Name, string Form, Func<string, bool> IsUnderstood)
{
    public static OperatorParameter Text(string name) => new(name, "text", value => !value.Contains('\0', StringComparison.Ordinal));

    public static OperatorParameter Time(string name) => new(
        name, "time such as 2026-01-31T02:00:00Z", value => DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, out _));

    public static OperatorParameter Id(string name) => new(name, "id", value => long.TryParse(value, CultureInfo.InvariantCulture, out _));

    public static OperatorParameter Switch(string name) => new(name, "true or false", value => bool.TryParse(value, out _));
}

internal static class OperatorRoutes
{
    /// <summary>A group on the internal port that only an operator may use; what goes wrong is told in a sentence.</summary>
    public static RouteGroupBuilder MapOperatorGroup(this IEndpointRouteBuilder routes, string prefix)
    {
        var group = routes.MapInternalGroup(prefix);
        group.AddEndpointFilter(async (context, next) =>
        {
            if (!context.HttpContext.RequestServices.GetRequiredService<OperatorAccess>().Allows(context.HttpContext.Request))
            {
                return Sentence(StatusCodes.Status403Forbidden, "OPERATOR_KEY is not this one.");
            }

            try
            {
                return await next(context);
            }
            catch (Exception e) when (DatabaseErrors.IsAway(e))
            {
                return Sentence(StatusCodes.Status503ServiceUnavailable, $"The database is away: {DatabaseErrors.CodeOf(e)}.");
            }
        });
        return group;
    }

    /// <summary>Refuses parameters of any other name, and those without a value or with one that is not understood.</summary>
    public static RouteHandlerBuilder WithParameters(this RouteHandlerBuilder route, params OperatorParameter[] parameters) =>
        route.AddEndpointFilter(async (context, next) =>
        {
            foreach (var (name, values) in context.HttpContext.Request.Query)
            {
                var known = parameters.FirstOrDefault(parameter => parameter.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
                if (known is null || values.Any(string.IsNullOrWhiteSpace))
                {
                    return Sentence(StatusCodes.Status400BadRequest, $"{name} is no parameter here, or has no value.");
                }

                if (!values.All(value => known.IsUnderstood(value!)))
                {
                    return Sentence(StatusCodes.Status400BadRequest, $"{name} is no {known.Form}.");
                }
            }

            return await next(context);
        });

    /// <summary>An answer that reads the same in a terminal and in a log.</summary>
    public static ContentHttpResult Sentence(int status, string sentence) => TypedResults.Text(sentence, statusCode: status);
}
