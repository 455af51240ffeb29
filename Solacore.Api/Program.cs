using Solacore;
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
using Solacore.Core.Billing.Stores;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Mail;
using Solacore.Core.Model;
using Solacore.Core.Safety;
using Solacore.Core.Settings;
using Solacore.Core.Solve;
using Solacore.Core.Watch;
using Solacore.ServiceDefaults;

if (!CommandLine.IsUnderstood(args, Console.Error, SettingsCheck.Command))
{
    return CommandLine.NotUnderstood;
}

var builder = ServiceHost.CreateBuilder(args);
var check = SettingsCheck.Open(builder.Configuration, args);
var settings = new SettingsReader(builder.Configuration);

builder.AddServiceDefaults(SystemNames.Api, settings.Fail).ListenForClients(settings.Fail);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSolacoreData(ConnectionSettings.Read(settings)).AddJobQueue().AddWatch();
builder.AddHealth(health => health.Database(Reachability.DatabaseAsync).Schema(Reachability.SchemaAsync).Redis(Reachability.RedisAsync).Model(ModelHealth.AnswersAsync));
builder.AddHttpEdge(settings);
builder.AddAuth(settings);
builder.AddSolve(settings);
builder.AddLearn();
builder.AddPages(settings);
var billing = BillingOptions.Read(settings);
builder.Services.AddWebhookInbox(billing);
builder.Services.AddCheckouts(StoreOptions.Read(settings, billing.PaymentsEnabled));

// What the worker does with the same settings: an api that takes messages for one that cannot start must not start either.
builder.Services.AddSingleton(ModelOptions.Read(settings));
SolveOptions.Read(settings);
MailOptions.Read(settings);

if (check is not null || !settings.AreUsable(Console.Error))
{
    return check?.Report(settings) ?? 1;
}

await using var app = builder.Build();
app.UseHttpEdge();
app.MapHealth();
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

// Beside the start, not before it: most requests need no rules.
_ = Task.Run(SafetyRules.Load);
await app.RunAsync();
return 0;
