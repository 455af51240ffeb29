using Solacore.Api.Auth;
using Solacore.Core;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Learn;
using Solacore.Core.Model;
using Solacore.Core.Safety;
using Solacore.Core.Solve;
using Solacore.Worker.Reminders;

namespace Solacore.Tests.Ops;

/// <summary>The names are in databases, clients and dashboards: whoever renames a member must not rename those.</summary>
public sealed class EnumNamesTests
{
    [Fact]
    public void members_keep_the_names_that_clients_databases_and_dashboards_know()
    {
        Assert.Equal("receive clarify reframe options commit", Names<SolveStep>());
        Assert.Equal("empath clarify visionary auditor", Names<SolveAgent>());
        Assert.Equal("INIT ALIGN MAP DIAGNOSE COMMIT DONE", Names<ClarifyState>());
        Assert.Equal("start explore practice plan", Names<LearnStep>());
        Assert.Equal("quick deep custom", Names<LearnMode>());
        Assert.Equal("active completed abandoned", Names<SessionStatus>());
        Assert.Equal("queued running completed cancelled failed", Names<TurnStatus>());
        Assert.Equal("free standard pro", Names<Tier>());
        Assert.Equal("active past_due canceled expired", Names<PlanStatus>());
        Assert.Equal("stripe revenuecat", Names<BillingSource>());
        Assert.Equal("reply profile", Names<ModelPurpose>());
        Assert.Equal("answered silent failed broken cancelled", Names<ModelOutcome>());
        Assert.Equal("wish_to_die self_injury hopelessness", Names<CrisisKind>());
        Assert.Equal("register password beta google apple refresh", Names<LoginWay>());
        Assert.Equal("mail push", Names<ReminderChannel>());
    }

    [Theory]
    [InlineData("Past_Due")]
    [InlineData("PastDue")]
    [InlineData("1")]
    [InlineData("")]
    public void a_name_is_read_exactly_or_not_at_all(string other)
    {
        Assert.True(EnumNames.TryParse("past_due", out PlanStatus status));
        Assert.Equal(PlanStatus.PastDue, status);
        Assert.False(EnumNames.TryParse(other, out PlanStatus _));
        Assert.False(EnumNames.TryParse(null, out PlanStatus _));
        Assert.Throws<ArgumentOutOfRangeException>(() => EnumNames.Parse<PlanStatus>(other));
    }

    private static string Names<T>()
        where T : struct, Enum
    {
        var members = Enum.GetValues<T>();
        Assert.All(members, member => Assert.Equal(member, EnumNames.Parse<T>(member.Name())));
        return string.Join(' ', members.Select(member => member.Name()));
    }
}
