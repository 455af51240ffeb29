using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Settings;
using Solacore.ServiceDefaults;

namespace Solacore.Worker.Jobs;

/// <summary>Who may look at and replay dead letters over HTTP.</summary>
/// <param name="Key">Sent as bearer token; empty: nobody, except in development.</param>
internal sealed record OperatorAccess(string Key, bool Open)
{
    public static OperatorAccess Read(SettingsReader reader)
    {
        var key = reader.Text("OPERATOR_KEY");
        return new OperatorAccess(key, Open: reader.Debug && key.Length == 0);
    }

    public bool Allows(HttpRequest request) => Open || (Key.Length > 0
        && CryptographicOperations.FixedTimeEquals(
            SHA256.HashData(Encoding.UTF8.GetBytes(request.Headers.Authorization.ToString())),
            SHA256.HashData(Encoding.UTF8.GetBytes("Bearer " + Key))));
}

/// <summary>A dead letter as an operator sees it; payloads hold ids, never what a person wrote.</summary>
internal sealed record DeadJobAnswer(long Id, string Kind, string Payload, int Attempts, string? LastError, DateTimeOffset CreatedAt, DateTimeOffset DiedAt);

internal sealed record ReplayAnswer(int Replayed);

internal static class DeadJobEndpoints
{
    private const int LongestList = 200;

    public static void AddJobs(this WebApplicationBuilder builder, SettingsReader settings, ConnectionSettings connections)
    {
        builder.Services.AddSingleton(OperatorAccess.Read(settings));
        builder.Services.AddJobWorker(connections);
        builder.Services.AddHostedService<JobLoop>();

        // The drain, then the hand-over: longer than both, shorter than what orchestrators grant before they kill.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(25));
    }

    /// <summary><c>GET /admin/dead-jobs?kind=</c> and <c>POST /admin/dead-jobs/replay?kind=&amp;id=</c>, on the internal port.</summary>
    public static void MapDeadJobs(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapInternalGroup("/admin/dead-jobs");
        admin.AddEndpointFilter(async (context, next) =>
            context.HttpContext.RequestServices.GetRequiredService<OperatorAccess>().Allows(context.HttpContext.Request)
                ? await next(context)
                : TypedResults.StatusCode(StatusCodes.Status403Forbidden));
        admin.MapGet("", ListAsync);
        admin.MapPost("/replay", ReplayAsync);
    }

    private static async Task<Ok<List<DeadJobAnswer>>> ListAsync(SolacoreDb db, string? kind, CancellationToken cancellationToken)
    {
        var dead = await DeadJobs.ListAsync(db, kind, LongestList, cancellationToken);
        return TypedResults.Ok(dead
            .Select(j => new DeadJobAnswer(j.Id, j.Kind, j.Payload, j.Attempts, j.LastError, j.CreatedAt, j.DiedAt))
            .ToList());
    }

    private static async Task<Ok<ReplayAnswer>> ReplayAsync(SolacoreDb db, string? kind, long[]? id, CancellationToken cancellationToken) =>
        TypedResults.Ok(new ReplayAnswer(
            await DeadJobs.ReplayAsync(db, id is { Length: > 0 } ? id : null, kind, cancellationToken)));
}
