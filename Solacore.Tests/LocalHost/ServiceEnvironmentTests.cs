using Solacore.LocalHost;

namespace Solacore.Tests.LocalHost;

public sealed class ServiceEnvironmentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void a_file_of_settings_may_have_comments_quotes_and_exports()
    {
        var settings = EnvironmentFile.Parse(
        [
            "# a comment", "", "PLAIN=one", "export EXPORTED = two", "QUOTED=\"three = 3\"", "SINGLE='four'", "EMPTY=", "NOTED=five # of them", "no setting", "PLAIN=last",
        ]);

        Assert.Equal(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["PLAIN"] = "last",
                ["EXPORTED"] = "two",
                ["QUOTED"] = "three = 3",
                ["SINGLE"] = "four",
                ["EMPTY"] = "",
                ["NOTED"] = "five",
            },
            settings);
    }

    [Fact]
    public void secrets_are_generated_once_and_belong_to_their_owner_alone()
    {
        var path = _folder.PathOf("secrets.env");

        var first = EnvironmentFile.ReadOrGenerate(path, ["ONE", "TWO"]);
        var second = EnvironmentFile.ReadOrGenerate(path, ["ONE", "TWO", "THREE"]);

        Assert.Equal(["ONE", "TWO"], first.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((first["ONE"], first["TWO"]), (second["ONE"], second["TWO"]));
        Assert.All(second.Values, secret => Assert.Matches("^[0-9a-f]{64}$", secret));
        Assert.Equal(3, second.Values.Distinct(StringComparer.Ordinal).Count());
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public void a_setting_of_the_file_beats_the_default_and_our_servers_beat_both()
    {
        var environment = new ServiceEnvironment(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["STRIPE_PRICE_PRO"] = "price_mine",
            ["JWT_SECRET"] = "mine",
            ["DATABASE_URL"] = "postgresql://elsewhere/solacore",
            ["DATABASE_DIRECT_URL"] = "postgresql://elsewhere/solacore",
            ["database_pooled"] = "true",
            ["connectionstrings__solacore-DIRECT"] = "Host=elsewhere",
        });

        var variables = environment.For(_folder.PathOf("."), "Host=here", "here:1", ("PORT", "8001"));

        Assert.Equal("price_mine", variables["STRIPE_PRICE_PRO"]);
        Assert.Equal("price_standard", variables["STRIPE_PRICE_STANDARD"]);
        Assert.Equal("mine", variables["JWT_SECRET"]);
        Assert.Equal("127.0.0.1", variables["HOST"]);
        Assert.All(["DATABASE_URL", "DATABASE_DIRECT_URL", "database_pooled", "connectionstrings__solacore-DIRECT"], name => Assert.Null(variables[name]));
        Assert.Equal("Host=here", variables["ConnectionStrings__solacore"]);
        Assert.Equal("here:1", variables["ConnectionStrings__redis"]);
        Assert.Equal("8001", variables["PORT"]);
    }

    [Fact]
    public void names_are_known_in_any_case_as_the_services_know_them()
    {
        var environment = new ServiceEnvironment(EnvironmentFile.Parse(["port=8005", "debug=false", "Host=0.0.0.0", "Jwt_Secret=mine"]));
        Environment.SetEnvironmentVariable("Solacore_Of_This_Test", "inherited");

        var variables = environment.For(_folder.PathOf("."), "Host=here", "here:1");

        Assert.Equal(8005, LocalSystemOptions.Parse([], environment).ApiPort);
        Assert.Equal("inherited", environment.Find("SOLACORE_OF_THIS_TEST"));
        Assert.Equal(("false", "0.0.0.0", "mine"), (variables["DEBUG"], variables["HOST"], variables["JWT_SECRET"]));
        Assert.Equal(variables.Count, variables.Keys.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void an_empty_value_is_none_at_all()
    {
        string[] names = ["HOST", "DEBUG", "PORT", "STRIPE_PRICE_PRO", "STRIPE_WEBHOOK_SECRET", "JWT_SECRET"];
        var environment = new ServiceEnvironment(EnvironmentFile.Parse([.. names.Select(name => name + "="), "API_URL=' '"]));
        File.WriteAllText(_folder.PathOf("secrets.env"), "JWT_SECRET=\n");

        var variables = environment.For(_folder.PathOf("."), "Host=here", "here:1");

        Assert.Equal(("127.0.0.1", "true", "price_pro"), (variables["HOST"], variables["DEBUG"], variables["STRIPE_PRICE_PRO"]));
        Assert.All([variables["JWT_SECRET"], variables["STRIPE_WEBHOOK_SECRET"]], secret => Assert.Matches("^[0-9a-f]{64}$", secret));
        Assert.Equal(8000, LocalSystemOptions.Parse([], environment).ApiPort);
        Assert.Null(environment.Find("API_URL"));
    }

    [Theory]
    [InlineData("--port needs a value. Options: ./run --help", "--port")]
    [InlineData("\"0\" is not a port: a number from 1 to 65535 is.", "--port", "0")]
    [InlineData("\"70000\" is not a port: a number from 1 to 65535 is.", "--port", "70000")]
    [InlineData("Unknown option --porta. Options: ./run --help", "--porta", "8001")]
    [InlineData("Unknown option --bogus. Options: ./run --help", "--bogus")]
    [InlineData("--data needs a value. Options: ./run --help", "--data", "")]
    public void a_command_line_that_cannot_be_read_is_refused_with_what_is_wrong(string message, params string[] arguments) =>
        Assert.Equal(message, Assert.Throws<ServiceFailedException>(() => LocalSystemOptions.Parse(arguments, Nothing)).Message);

    [Fact]
    public void the_port_comes_from_the_command_line_before_the_environment_before_the_default()
    {
        var environment = new ServiceEnvironment(new Dictionary<string, string>(StringComparer.Ordinal) { ["PORT"] = "8001" });

        Assert.Equal(
            [8002, 8001, 8000],
            [
                LocalSystemOptions.Parse(["--port", "8002"], environment).ApiPort,
                LocalSystemOptions.Parse([], environment).ApiPort,
                LocalSystemOptions.Parse([], Nothing).ApiPort,
            ]);
    }

    private static ServiceEnvironment Nothing => new(new Dictionary<string, string>(StringComparer.Ordinal));
}
