using System.Globalization;
using Solacore.Core.Safety;
using Solacore.Core.Words;

namespace Solacore.Tests.Words;

/// <summary>What is learned under a name is what the detectors look up: both ways through a text must agree.</summary>
public sealed class WordWeightsTests
{
    [Theory]
    [InlineData("I keep thinking about tomorrow, and I can't sleep. My thoughts are racing.")]
    [InlineData("Me preocupan demasiado las entrevistas; estoy agotado y no entiendo nada.")]
    [InlineData("我很担心明天的考试，睡不着。真的不知道该怎么办")]
    public void the_weights_of_all_names_in_a_text_add_up_to_its_log_odds(string text)
    {
        var classes = EmotionDetector.Categories.Length;
        var (words, said, _) = EmotionDetector.Read(text);
        var ofName = WordFile.Of(EmotionDetector.Topic + WordWeights.FileSuffix, ".txt")
            .SelectMany(file => WordFile.Read(file.Name))
            .Select(line => line.Split(' '))
            .ToDictionary(parts => string.Join(' ', parts[..^classes]), parts => Array.ConvertAll(parts[^classes..], weight => double.Parse(weight, CultureInfo.InvariantCulture)), StringComparer.Ordinal);
        var found = WordWeights.Names(words, said).Append(WordWeights.Bias).Distinct(StringComparer.Ordinal).Where(ofName.ContainsKey).ToList();
        var logOdds = WordWeights.Load(EmotionDetector.Topic, classes).LogOdds(words, said);
        Assert.True(found.Count > 10, "Too few names to compare.");
        for (var i = 0; i < classes; i++)
        {
            Assert.Equal(found.Sum(name => ofName[name][i]), logOdds[i], tolerance: 0.001);
        }
    }
}
