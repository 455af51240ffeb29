using Solacore.Api.Actions;
using Solacore.Api.Auth;
using Solacore.Api.Http;
using Solacore.Api.Http.Docs;
using Solacore.Api.Learn;
using Solacore.Api.Pages;
using Solacore.Api.Solve;
using Solacore.Api.Stats;
using Solacore.Api.Subscriptions;
using Solacore.Api.Templates;
using Solacore.Api.Webhooks;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Learn;
using Solacore.Core.Mail;
using Solacore.Core.Model;
using Solacore.Core.Settings;
using Solacore.Core.Solve;
using Solacore.Core.Telemetry;
using Solacore.Core.Turns;

namespace Solacore.Api;

/// <summary>The features that make the api, for the process and for tests alike.</summary>
internal static class Composition
{
    /// <summary>Needs a <see cref="TimeProvider"/>; what is wrong with the settings, <paramref name="settings"/> knows afterwards.</summary>
    public static void AddProduct(this WebApplicationBuilder builder, SettingsReader settings)
    {
        builder.Services.AddSolacoreData(ConnectionSettings.Read(settings)).AddJobQueue().AddProductTelemetry();
        builder.AddHttpEdge(settings);
        builder.AddAuth(settings);
        builder.Services.AddTurns(settings).AddSolveSessions().AddLearnSessions();
        builder.AddPages(settings);
        builder.Services.AddBilling(settings);

        // What the worker does with the same settings: an api that takes messages for one that cannot start must not start either.
        builder.Services.AddSingleton(ModelOptions.Read(settings));
        SolveOptions.Read(settings);
        MailOptions.Read(settings);
    }

    public static void MapProduct(this WebApplication app)
    {
        app.UseHttpEdge();
        var api = app.MapApi();
        app.MapApiDocument(api);
        api.MapAuth();
        api.MapSolve();
        api.MapLearn();
        api.MapActions();
        api.MapStats();
        api.MapTemplates();
        api.MapSubscriptions();
        api.MapWebhooks();
        api.MapPages();
    }
}
