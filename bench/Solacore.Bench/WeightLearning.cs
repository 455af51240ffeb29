using System.Globalization;
using Solacore.Core.Safety;
using Solacore.LocalHost;
using Solacore.Tests.Safety;

namespace Solacore.Bench;

/// <summary>
/// Learns the weights of <see cref="DangerWeights"/> from labelled sentences and writes their files: logistic regression by
/// AdaGrad (Duchi, Hazan and Singer 2011, https://jmlr.org/papers/v12/duchi11a.html) with an L2 penalty. The same sentences
/// give the same files.
/// </summary>
internal static class CrisisLearning
{
    private const int Epochs = 20;
    private const double Rate = 0.2;

    /// <summary>Of the cross-validation.</summary>
    private const int Parts = 5;
    private const int Neighbours = 20;

    /// <summary>On the weights of all sentences together.</summary>
    private const double Penalty = 9;

    /// <summary>What occurs in fewer sentences says too little.</summary>
    private const int FewestSentences = 3;

    /// <summary>Smaller weights are left out of the files.</summary>
    private const double SmallestWeight = 0.1;

    private static readonly string[] TrainingSets = ["training-crisis.en", "training-crisis.es", "training-crisis.zh"];

    /// <summary>Sets of the tests that may be learned from; <c>unseen-crisis</c> stays what its name says.</summary>
    private static readonly string[] SetsOfCrises = ["crisis", "blind-crisis", "hard-crisis.en", "hard-crisis.es", "hard-crisis.zh"];

    /// <summary>Everyday talk, except where a phrase finds danger: a feeling may be the wish to die.</summary>
    private static readonly string[] SetsOfEverydayTalk = ["emotion", "blind-emotion", "unseen-emotion", "personal-data"];

    public static void Run()
    {
        var features = new Features();
        var own = TrainingSets.SelectMany(LabelledRow.Read).ToList();
        var examples = own
            .Concat(SetsOfCrises.SelectMany(LabelledRow.Read))
            .Concat(SetsOfEverydayTalk.SelectMany(LabelledRow.Read).Where(row => CrisisDetector.Read(row.Text).Clear is null))
            .Select(features.Of)
            .ToList();
        var frequent = features.Occurrences.ConvertAll(count => count >= FewestSentences);
        examples = examples.ConvertAll(e => e with { Features = [.. e.Features.Where(f => frequent[f])] });
        CrossValidate(examples, own.Count, features.Count);
        var weights = Learn(examples, features.Count);
        foreach (var (language, lines) in features.Lines(weights))
        {
            var file = Path.Combine(BuildOutput.RepositoryRoot, "Solacore.Core", "Safety", "Words", $"crisis-weights.{language}.txt");
            File.WriteAllText(file, "# Made by bench/run learn-crisis.\n" + string.Concat(lines));
            Console.WriteLine($"{Path.GetFileName(file)}: {lines.Count} weights of {examples.Count} sentences");
        }
    }

    /// <summary>
    /// What is recognised of sentences that were not learned from: a fifth of them is left out in turn, neighbours together,
    /// because many are pairs of a dangerous and a harmless sentence in the same words.
    /// </summary>
    private static void CrossValidate(List<Example> examples, int own, int features)
    {
        var judged = new List<(Example Example, double LogOdds)>();
        for (var part = 0; part < Parts; part++)
        {
            bool IsLeftOut(int i) => i < own && i / Neighbours % Parts == part;
            var weights = Learn([.. examples.Where((_, i) => !IsLeftOut(i))], features);
            judged.AddRange(examples.Where((_, i) => IsLeftOut(i)).Select(e => (e, LogOdds(weights, e.Features))));
        }

        foreach (var language in judged.GroupBy(j => j.Example.Language, StringComparer.Ordinal))
        {
            double Share(bool crisis) => language.Where(j => j.Example.Crisis == crisis)
                .Average(j => CrisisDetector.IsDanger(j.LogOdds, j.Example.HasClearPhrase, j.Example.Words) ? 1.0 : 0.0);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cross-validated {language.Key}: recall {Share(true):P1}, false alarms {Share(false):P1}"));
        }
    }

    /// <summary>The weight of each feature, and last the one that every text has.</summary>
    private static double[] Learn(List<Example> examples, int features)
    {
        var weights = new double[features + 1];
        var squares = new double[features + 1];
        var order = examples.ToArray();
        var random = new Random(1);
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            random.Shuffle(order);
            foreach (var example in order)
            {
                var error = (1 / (1 + Math.Exp(-LogOdds(weights, example.Features)))) - (example.Crisis ? 1 : 0);
                Step(features, error);
                foreach (var f in example.Features)
                {
                    Step(f, error + (Penalty / examples.Count * weights[f]));
                }
            }
        }

        return weights;

        void Step(int feature, double gradient)
        {
            squares[feature] += gradient * gradient;
            weights[feature] -= Rate * gradient / Math.Sqrt(squares[feature] + 1e-8);
        }
    }

    private static double LogOdds(double[] weights, int[] features) => weights[^1] + features.Sum(f => weights[f]);

    private sealed record Example(int[] Features, bool Crisis, string Language, bool HasClearPhrase, int Words);

    /// <summary>Everything that may have a weight, by number.</summary>
    private sealed class Features
    {
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
        private readonly List<Dictionary<string, int>> _languages = [];

        public int Count => _numbers.Count;

        /// <summary>In how many sentences each occurs.</summary>
        public List<int> Occurrences => _languages.ConvertAll(languages => languages.Values.Sum());

        public Example Of(LabelledRow row)
        {
            var (words, said, clear) = CrisisDetector.Read(row.Text);
            var present = DangerWeights.Runs(words)
                .Select(run => Number(string.Join(' ', words.Skip(run.Start).Take(run.Length).Select(word => word.Text))))
                .Concat(said.Select(match => Number(DangerWeights.LabelMark + match.Phrase.Label)))
                .Distinct()
                .ToArray();
            foreach (var f in present)
            {
                _languages[f][row.Lang] = _languages[f].GetValueOrDefault(row.Lang) + 1;
            }

            return new Example(present, row.Crisis, row.Lang, clear is not null, words.Count);
        }

        /// <summary>The lines of each language's file, in the order of their words.</summary>
        public SortedDictionary<string, List<string>> Lines(double[] weights)
        {
            var files = new SortedDictionary<string, List<string>>(StringComparer.Ordinal) { [DangerWeights.NoLanguage] = [Line(DangerWeights.Bias, weights[^1])] };
            foreach (var (name, f) in _numbers.OrderBy(number => number.Key, StringComparer.Ordinal))
            {
                if (Math.Abs(weights[f]) >= SmallestWeight)
                {
                    var language = name[0] == DangerWeights.LabelMark ? DangerWeights.NoLanguage : _languages[f].MaxBy(l => l.Value).Key;
                    files.TryAdd(language, []);
                    files[language].Add(Line(name, weights[f]));
                }
            }

            return files;
        }

        private static string Line(string name, double weight) => string.Create(CultureInfo.InvariantCulture, $"{name} {weight:F2}\n");

        private int Number(string name)
        {
            if (!_numbers.TryGetValue(name, out var number))
            {
                number = _numbers[name] = _numbers.Count;
                _languages.Add(new(StringComparer.Ordinal));
            }

            return number;
        }
    }
}
