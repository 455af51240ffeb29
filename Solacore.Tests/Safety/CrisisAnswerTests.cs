using Solacore.Core.Safety;

namespace Solacore.Tests.Safety;

public sealed class CrisisAnswerTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("en", "I'm really glad")]
    [InlineData("es-MX", "Gracias por contármelo")]
    [InlineData("zh_CN", "谢谢你愿意告诉我")]
    [InlineData("fr", "I'm really glad")]
    public void speaks_the_language_and_names_both_numbers(string locale, string beginning)
    {
        var answer = CrisisResources.Load(null).Answer(locale, "US");
        Assert.StartsWith(beginning, answer.Text, StringComparison.Ordinal);
        Assert.Contains("988", answer.Text, StringComparison.Ordinal);
        Assert.Contains("717 003 717", answer.Text, StringComparison.Ordinal);
        Assert.Equal(("988", "717 003 717"), (answer.Resources["US"], answer.Resources["ES"]));
    }

    [Theory]
    [InlineData("es-MX", null, "Donde estás puedes llamar al 800 911 2000. Gracias")]
    [InlineData("en", "ie", "Where you are, you can call 116 123. I'm really glad")]
    [InlineData("zh-CN", null, "在你所在的地区，可以拨打 12356。 谢谢你")]
    [InlineData("en", "XX", "I'm really glad")]
    public void the_number_of_the_region_comes_first(string locale, string? region, string beginning) =>
        Assert.StartsWith(beginning, CrisisResources.Load(null).Answer(locale, region).Text, StringComparison.Ordinal);

    [Theory]
    [InlineData("en", null, "ES US")]
    [InlineData("es", "ES", "ES US")]
    [InlineData("es-MX", null, "ES MX US")]
    [InlineData("zh", "CN", "CN ES US")]
    [InlineData("en", "XX", "ES US")]
    public void the_data_holds_both_numbers_and_that_of_the_region(string locale, string? region, string regions) =>
        Assert.Equal(regions, string.Join(' ', CrisisResources.Load(null).Answer(locale, region).Resources.Keys.Order(StringComparer.Ordinal)));

    [Fact]
    public void an_operator_adds_numbers_and_texts()
    {
        File.WriteAllText(_file, """{"helplines":{"fr":"3114"},"answers":{"fr":{"text":"Parlez à quelqu'un : {0} ou {1}.","region":"Appelez le {0}."}}}""");
        var answer = CrisisResources.Load(_file).Answer("fr-FR", null);
        Assert.Equal("Appelez le 3114. Parlez à quelqu'un : 988 ou 717 003 717.", answer.Text);
        Assert.Equal("3114", answer.Resources["FR"]);
        Assert.Equal("3114", CrisisResources.Load(_file).Answer("en", null).Resources["FR"]);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("""{"helplines":{"France":"3114"}}""")]
    [InlineData("""{"helplines":{"FR":" "}}""")]
    [InlineData("""{"answers":{"fr":{"text":"Appelez."}}}""")]
    [InlineData("""{"answers":{"fr":{"text":"Appelez {0} {1} {2}.","region":"{0}"}}}""")]
    [InlineData("""{"answers":{"fr":{"text":"Appelez.","region":"{0}"}}}""")]
    public void a_malformed_file_is_named(string content)
    {
        File.WriteAllText(_file, content);
        Assert.Contains(_file, Assert.Throws<InvalidDataException>(() => CrisisResources.Load(_file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void a_missing_file_is_named() =>
        Assert.Contains(_file, Assert.Throws<InvalidDataException>(() => CrisisResources.Load(_file)).Message, StringComparison.Ordinal);
}
