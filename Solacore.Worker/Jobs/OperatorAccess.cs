using Solacore.Core;
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

internal static class OperatorRoutes
{
    /// <summary>A group on the internal port that only an operator may use.</summary>
    public static RouteGroupBuilder MapOperatorGroup(this IEndpointRouteBuilder routes, string prefix)
    {
        var group = routes.MapInternalGroup(prefix);
        group.AddEndpointFilter(async (context, next) =>
            !context.HttpContext.RequestServices.GetRequiredService<OperatorAccess>().Allows(context.HttpContext.Request)
                ? TypedResults.StatusCode(StatusCodes.Status403Forbidden)
            : HoldsNul(context.HttpContext.Request.Query) ? TypedResults.BadRequest()
            : await next(context));
        return group;
    }

    /// <summary>Refuses parameters of any other name, and those without a value.</summary>
    public static RouteHandlerBuilder WithParameters(this RouteHandlerBuilder route, params string[] names) => route.AddEndpointFilter(async (context, next) =>
    {
        var query = context.HttpContext.Request.Query;
        var wrong = query.FirstOrDefault(parameter =>
            !names.Contains(parameter.Key, StringComparer.OrdinalIgnoreCase) || parameter.Value.Any(string.IsNullOrWhiteSpace)).Key;
        return wrong is null ? await next(context) : TypedResults.BadRequest($"{wrong} is no parameter here, or has no value.");
    });

    /// <summary>No text of the database can.</summary>
    private static bool HoldsNul(IQueryCollection query) =>
        query.Any(parameter => parameter.Value.ToString().Contains('\0', StringComparison.Ordinal));
}
