using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Solacore.Core.Billing;

namespace Solacore.Core.Data;

/// <summary>Enums as text in the database, and what a text counts as that is none of their names, where such rows are read at all.</summary>
internal static class EnumColumns
{
    public static void Configure(ModelConfigurationBuilder builder)
    {
        builder.Properties<SessionStatus>().HaveConversion<SessionStatusText>();
        builder.Properties<Tier>().HaveConversion<TierText>();
        builder.Properties<PlanStatus>().HaveConversion<PlanStatusText>();
        builder.Properties<MessageRole>().HaveConversion<Exact<MessageRole>>();
        builder.Properties<TurnStatus>().HaveConversion<Exact<TurnStatus>>();
        builder.Properties<BillingSource>().HaveConversion<Exact<BillingSource>>();
        builder.Properties<WebhookEventState>().HaveConversion<Exact<WebhookEventState>>();
    }

    private sealed class Exact<T>() : ValueConverter<T, string>(value => value.Name(), name => EnumNames.Parse<T>(name))
        where T : struct, Enum;

    private abstract class Text<T>(T otherwise)
        : ValueConverter<T, string>(value => value.Name(), name => EnumNames.Parse(name, otherwise))
        where T : struct, Enum;

    private sealed class SessionStatusText() : Text<SessionStatus>(SessionStatus.Active);

    /// <summary>What nobody knows gives no rights.</summary>
    private sealed class TierText() : Text<Tier>(Tier.Free);

    /// <summary>A status never restricts use, and this one sells nothing twice.</summary>
    private sealed class PlanStatusText() : Text<PlanStatus>(PlanStatus.Active);
}
