using Solacore;
using Solacore.Core.Billing;
using Solacore.Core.Billing.Stores;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Learn;
using Solacore.Core.Model;
using Solacore.Core.Safety;
using Solacore.Core.Settings;
using Solacore.Core.Solve;
using Solacore.Core.Telemetry;
using Solacore.Core.Turns;
using Solacore.ServiceDefaults;
using Solacore.Worker.Billing;
using Solacore.Worker.Jobs;
using Solacore.Worker.Mail;
using Solacore.Worker.Migrations;
using Solacore.Worker.Reminders;
using Solacore.Worker.Telemetry;
using Solacore.Worker.Upkeep;

if (args is [SystemNames.MigrateCommand, .. var options])
{
    return await MigrateCommand.RunAsync(options);
}

if (CommandLine.Answer(args, Console.Out, Console.Error, SystemNames.MigrateCommand, SettingsCheck.Command) is { } exitCode)
{
    return exitCode;
}

var builder = ServiceHost.CreateBuilder(args);
var check = SettingsCheck.Open(builder.Configuration, args);
var settings = new SettingsReader(builder.Configuration);
var connections = ConnectionSettings.Read(settings);

builder.AddServiceDefaults(SystemNames.Worker, settings.Fail).ListenInternally(settings.Fail);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSolacoreData(connections).AddJobQueue().AddProductTelemetry();
builder.AddHealth(health => health.Database(Reachability.DatabaseAsync).Schema(Reachability.FindSchemaProblemAsync).Redis(Reachability.RedisAsync).Model(ModelHealth.AnswersAsync));
builder.Services.AddTurnAnswers(settings).AddSolveReplies(settings).AddLearnReplies();
var billing = BillingOptions.Read(settings);
builder.Services.AddStores(StoreOptions.Read(settings, billing.PaymentsEnabled), billing);
builder.Services.AddWebhookApplier(billing);
builder.Services.AddMail(settings);
builder.Services.AddReminders(settings);
builder.Services.AddUpkeep(settings);
builder.AddJobs(settings, connections);
builder.Services.AddHostedService<MetricsStart>();
builder.Services.AddHostedService<ActiveUsers>();

if (check is not null || !settings.AreUsable(Console.Error))
{
    return check?.Report(settings) ?? 1;
}

await using var app = builder.Build();
app.MapInternalHealth();
app.MapDeadJobs();
app.MapPlanHistory();

// Beside the start, not before it: the first message waits neither for word files and patterns nor for the table of tokens.
_ = Task.Run(() =>
{
    SafetyRules.Load();
    SolveRules.Load();
    LearnCoach.Load();
});
TokenCount.Prepare();
return await app.RunOnFreePortsAsync(Console.Error);
