using Solacore;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Settings;
using Solacore.Core.Turns;
using Solacore.ServiceDefaults;
using Solacore.Worker.Jobs;
using Solacore.Worker.Mail;
using Solacore.Worker.Migrations;
using Solacore.Worker.Reminders;
using Solacore.Worker.Upkeep;

if (args is [SystemNames.MigrateCommand, .. var options])
{
    return await MigrateCommand.RunAsync(options);
}

var builder = WebApplication.CreateSlimBuilder(args);
builder.Configuration.AddDotEnv(".env");
var settings = new SettingsReader(builder.Configuration);
var connections = ConnectionSettings.Read(settings);

builder.AddServiceDefaults(SystemNames.Worker).ListenInternally();
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSolacoreData(connections);
builder.AddHealth(health => health.Database(Reachability.DatabaseAsync).Schema(Reachability.SchemaAsync).Redis(Reachability.RedisAsync));
builder.Services.AddReplies(settings);
builder.Services.AddWebhookApplier(BillingOptions.Read(settings));
builder.Services.AddStripeCancellation(settings);
builder.Services.AddMail(settings);
builder.Services.AddReminders(settings);
builder.Services.AddUpkeep(settings);
builder.AddJobs(settings, connections);

if (!settings.AreUsable(Console.Error))
{
    return 1;
}

await using var app = builder.Build();
app.MapInternalHealth();
app.MapDeadJobs();
await app.RunAsync();
return 0;
