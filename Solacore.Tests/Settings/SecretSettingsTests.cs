using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Solacore.Core.Data;
using Solacore.Worker.Mail;

namespace Solacore.Tests.Settings;

public sealed partial class SecretSettingsTests
{
    [Fact]
    public void settings_that_hold_a_secret_do_not_print_it()
    {
        var holders = new[] { typeof(SolacoreDb).Assembly, typeof(MailRegistration).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .Where(type => IsSettings().IsMatch(type.Name) && type.GetProperties().Any(property => IsSecret().IsMatch(property.Name)))
            .ToList();

        Assert.Contains(holders, type => type.Name == "ModelProvider");
        Assert.Empty(holders.Where(PrintsItsMembers).Select(type => type.Name));
    }

    private static bool PrintsItsMembers(Type record) =>
        record.GetMethod(nameof(ToString), BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly, [])?.IsDefined(typeof(CompilerGeneratedAttribute)) == true;

    [GeneratedRegex("(Options|Settings|Provider|Access)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsSettings();

    [GeneratedRegex("(Key|Secrets?|Password|Token|Database)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IsSecret();
}
