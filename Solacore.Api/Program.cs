using Solacore;
using Solacore.Api;
using Solacore.Core.Data;
using Solacore.Core.Learn;
using Solacore.Core.Model;
using Solacore.Core.Safety;
using Solacore.Core.Settings;
using Solacore.ServiceDefaults;

if (CommandLine.Answer(args, Console.Out, Console.Error, SettingsCheck.Command) is { } exitCode)
{
    return exitCode;
}

var builder = ServiceHost.CreateBuilder(args);
var check = SettingsCheck.Open(builder.Configuration, args);
var settings = new SettingsReader(builder.Configuration);

builder.AddServiceDefaults(SystemNames.Api, settings.Fail).ListenForClients(settings.Fail);
builder.Services.AddSingleton(TimeProvider.System);
builder.AddHealth(health => health.Database(Reachability.DatabaseAsync).Schema(Reachability.FindSchemaProblemAsync).Redis(Reachability.RedisAsync).Model(ModelHealth.AnswersAsync));
builder.AddProduct(settings);

if (check is not null || !settings.AreUsable(Console.Error))
{
    return check?.Report(settings) ?? 1;
}

await using var app = builder.Build();
app.MapHealth();
app.MapProduct();

// Beside the start, not before it: most requests need no rules.
_ = Task.Run(() =>
{
    SafetyRules.Load();
    LearnCoach.Load();
});
return await app.RunOnFreePortsAsync(Console.Error);
