using Microsoft.Extensions.DependencyInjection;
using Solacore.Core.Accounts.Providers;
using Solacore.Core.Push;
using Solacore.Core.Settings;

namespace Solacore.Core.Accounts;

public static class AccountsRegistration
{
    /// <summary>Accounts and logins; needs the data and a <see cref="TimeProvider"/>.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services, SettingsReader settings)
    {
        services.AddSingleton(AccountOptions.Read(settings));
        services.AddSingleton<LoginTokens>();

        // Half of the cores at most: a burst of sign-ins must not slow down everybody who is signed in.
        services.AddSingleton(provider => new PasswordHashes(Math.Max(1, Environment.ProcessorCount / 2), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(IdentityProviderOptions.Read(settings));
        services.AddSingleton<IdTokenVerifier>();
        services.AddSingleton<GoogleCodeExchange>();
        services.AddSingleton<ResetTokens>();
        services.AddSingleton<UnsubscribeTokens>();
        services.AddScoped<UserAccounts>();
        services.AddScoped<Admission>();
        services.AddScoped<Logins>();
        services.AddScoped<BetaLogins>();
        services.AddScoped<ProviderLogins>();
        services.AddScoped<Devices>();
        services.AddScoped<PushTokens>();
        services.AddScoped<PasswordResets>();
        services.AddScoped<ReminderMails>();
        services.AddScoped<AccountExports>();
        services.AddScoped<AccountDeletions>();
        return services;
    }
}
