using System.Globalization;
using Solacore.Core.Safety;
using Solacore.Core.Solve;
using Solacore.Core.Words;
using Solacore.LocalHost;
using Solacore.Tests.Safety;

namespace Solacore.Bench;

/// <summary>
/// Learns the weights of <see cref="WordWeights"/> from labelled sentences and writes their files: logistic regression by
/// AdaGrad (Duchi, Hazan and Singer 2011, https://jmlr.org/papers/v12/duchi11a.html) with an L2 penalty. The same sentences
/// give the same files.
/// </summary>
internal static class WeightLearning
{
    private const int Epochs = 40;
    private const double Rate = 0.2;

    /// <summary>Each takes the sentences in another order; their weights are averaged.</summary>
    private const int Runs = 6;

    /// <summary>Of the cross-validation.</summary>
    private const int Parts = 5;
    private const int Neighbours = 20;

    /// <summary>On the weights of all sentences together.</summary>
    private const double Penalty = 9;

    /// <summary>What occurs in fewer sentences says too little.</summary>
    private const int FewestSentences = 3;

    /// <summary>Smaller weights are left out of the files.</summary>
    private const double SmallestWeight = 0.2;

    /// <summary>The class of what belongs to none.</summary>
    private const string None = "none";

    /// <summary>The tests' sets of feelings and of personal data, and nothing else in them.</summary>
    private static readonly string[] EverydayTalk = ["emotion", "blind-emotion", "unseen-emotion", "personal-data"];

    /// <summary>
    /// Of a topic's own sets those named <c>unseen-*</c> stay what their name says. Of the others a sentence is left out where a
    /// phrase says it is one of the topic, as a feeling may be the wish to die.
    /// </summary>
    private static readonly Topic[] Topics =
    [
        new(
            CrisisDetector.Topic,
            "Safety",
            ["crisis", "blind-crisis", "hard-crisis.en", "hard-crisis.es", "hard-crisis.zh"],
            [.. EverydayTalk, .. TrainingSets(EmotionDetector.Topic), "injection", "blind-injection", "hard-injection", .. TrainingSets(InjectionGuard.Topic)],
            [CrisisDetector.Topic],
            row => row.Crisis ? CrisisDetector.Topic : None,
            text =>
            {
                var (words, said, clear) = CrisisDetector.Read(text);
                return new TopicReading(words, said, clear is [] ? None : CrisisDetector.Topic);
            },
            (logOdds, reading) => CrisisDetector.IsDanger(logOdds[0], reading.Ruled != None, reading.Words.Count) ? CrisisDetector.Topic : None),
        new(
            InjectionGuard.Topic,
            "Safety",
            ["injection", "blind-injection", "hard-injection"],
            [.. EverydayTalk, .. TrainingSets(EmotionDetector.Topic), "crisis", "blind-crisis", .. TrainingSets(CrisisDetector.Topic)],
            [InjectionGuard.Topic],
            row => row.Injection ? InjectionGuard.Topic : None,
            text =>
            {
                var (words, said) = InjectionGuard.Read(text);
                return new TopicReading(words, said, said.Exists(match => match.Phrase.Label == InjectionGuard.Order) ? InjectionGuard.Topic : None);
            },
            (logOdds, reading) => InjectionGuard.IsOrder(logOdds[0], reading.Ruled != None) ? InjectionGuard.Topic : None),
        new(
            EmotionDetector.Topic,
            "Safety",
            ["emotion", "blind-emotion"],
            [],
            EmotionDetector.Categories,
            row => row.Emotion!,
            text =>
            {
                var (words, said, ruled) = EmotionDetector.Read(text);
                return new TopicReading(words, said, ruled?.Label ?? None);
            },
            (logOdds, reading) => EmotionDetector.Decide(logOdds, reading.Ruled == None ? null : new Emotion(reading.Ruled, 1), reading.Words.Count).Label),
        new(
            StatedAction.Topic,
            "Solve",
            [],
            [],
            [StatedAction.Topic],
            row => row.Action ? StatedAction.Topic : None,
            text => new TopicReading(StatedAction.Read(text), [], None),
            (logOdds, _) => logOdds[0] > StatedAction.Enough ? StatedAction.Topic : None),
    ];

    /// <param name="names">Of topics; none for all.</param>
    public static void Run(string[] names)
    {
        foreach (var topic in Topics.Where(topic => names is [] || names.Contains(topic.Name)))
        {
            Run(topic);
        }
    }

    private static string[] TrainingSets(string topic) => [$"training-{topic}.en", $"training-{topic}.es", $"training-{topic}.zh"];

    private static void Run(Topic topic)
    {
        var features = new Features();
        Example Read(LabelledRow row) => features.Of(row, topic);
        var own = TrainingSets(topic.Name).SelectMany(LabelledRow.Read).ToList();
        var examples = own
            .Concat(topic.Sets.SelectMany(LabelledRow.Read))
            .Select(Read)
            .Concat(topic.OtherTalk.SelectMany(LabelledRow.Read).Select(Read).Where(example => example.Reading.Ruled == None))
            .ToList();
        var frequent = features.Occurrences.ConvertAll(count => count >= FewestSentences);
        examples = examples.ConvertAll(e => e with { Features = [.. e.Features.Where(f => frequent[f])] });
        CrossValidate(topic, examples, own.Count, features.Count);
        var weights = Learn(topic, examples, features.Count);
        foreach (var (language, lines) in features.Lines(weights))
        {
            var file = Path.Combine(BuildOutput.RepositoryRoot, "Solacore.Core", topic.Room, "Words", $"{topic.Name}{WordWeights.FileSuffix}.{language}.txt");
            File.WriteAllText(file, "# Made by bench/run learn.\n" + string.Concat(lines));
            Console.WriteLine($"{Path.GetFileName(file)}: {lines.Count} weights of {examples.Count} sentences");
        }
    }

    /// <summary>
    /// What is recognised of sentences that were not learned from: a fifth of them is left out in turn, neighbours together,
    /// because many are pairs of a dangerous and a harmless sentence in the same words.
    /// </summary>
    private static void CrossValidate(Topic topic, List<Example> examples, int own, int features)
    {
        var judged = new List<(Example Example, string Verdict)>();
        for (var part = 0; part < Parts; part++)
        {
            bool IsLeftOut(int i) => i < own && i / Neighbours % Parts == part;
            var weights = Learn(topic, [.. examples.Where((_, i) => !IsLeftOut(i))], features);
            judged.AddRange(examples.Where((_, i) => IsLeftOut(i))
                .Select(e => (e, topic.Decide(Array.ConvertAll(weights, ofClass => LogOdds(ofClass, e.Features)), e.Reading))));
        }

        foreach (var language in judged.GroupBy(j => j.Example.Language, StringComparer.Ordinal))
        {
            var shares = language.GroupBy(j => j.Example.Label, StringComparer.Ordinal).OrderBy(own => own.Key, StringComparer.Ordinal)
                .Select(own => string.Create(CultureInfo.InvariantCulture, $"{own.Key} {own.Average(j => j.Verdict == own.Key ? 1.0 : 0.0):P1}"));
            Console.WriteLine($"{topic.Name}, cross-validated, right in {language.Key}: {string.Join(", ", shares)}");
        }
    }

    private static double[][] Learn(Topic topic, List<Example> examples, int features) =>
        Array.ConvertAll(topic.Classes, label => Learn(examples, features, label));

    /// <summary>
    /// For one class the weight of each feature, and last the one that every text has. It is the mean of several runs, because
    /// the order of the sentences leaves its mark on each.
    /// </summary>
    private static double[] Learn(List<Example> examples, int features, string label)
    {
        var runs = Enumerable.Range(1, Runs).AsParallel().AsOrdered().Select(seed => Learn(examples, features, label, new Random(seed))).ToList();
        return [.. Enumerable.Range(0, features + 1).Select(f => runs.Average(weights => weights[f]))];
    }

    private static double[] Learn(List<Example> examples, int features, string label, Random random)
    {
        var weights = new double[features + 1];
        var squares = new double[features + 1];
        var order = examples.ToArray();
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            random.Shuffle(order);
            foreach (var example in order)
            {
                var error = (1 / (1 + Math.Exp(-LogOdds(weights, example.Features)))) - (example.Label == label ? 1 : 0);
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

    /// <summary>What a detector looks for.</summary>
    /// <param name="Name">In the names of the files.</param>
    /// <param name="Room">Folder of the detector and its words.</param>
    /// <param name="Sets">Sets of the tests that are labelled for it and may be learned from.</param>
    /// <param name="OtherTalk">Sets about something else.</param>
    /// <param name="Classes">What it tells apart, besides <see cref="None"/>.</param>
    /// <param name="LabelOf">The class of a row.</param>
    /// <param name="Read">What its phrases find in a text.</param>
    /// <param name="Decide">The class that the detector decides on, by the log-odds of each.</param>
    private sealed record Topic(
        string Name, string Room, string[] Sets, string[] OtherTalk, string[] Classes, Func<LabelledRow, string> LabelOf, Func<string, TopicReading> Read,
        Func<double[], TopicReading, string> Decide);

    /// <param name="Words">The text.</param>
    /// <param name="Said">Its phrases.</param>
    /// <param name="Ruled">The class that these speak for, or <see cref="None"/>.</param>
    private sealed record TopicReading(List<Word> Words, List<PhraseMatch> Said, string Ruled);

    private sealed record Example(int[] Features, string Label, string Language, TopicReading Reading);

    /// <summary>Everything that may have a weight, by number.</summary>
    private sealed class Features
    {
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
        private readonly List<Dictionary<string, int>> _languages = [];

        public int Count => _numbers.Count;

        /// <summary>In how many sentences each occurs.</summary>
        public List<int> Occurrences => _languages.ConvertAll(languages => languages.Values.Sum());

        public Example Of(LabelledRow row, Topic topic)
        {
            var reading = topic.Read(row.Text);
            int[] present = [.. WordWeights.Names(reading.Words, reading.Said).Select(Number).Distinct()];
            foreach (var f in present)
            {
                _languages[f][row.Lang] = _languages[f].GetValueOrDefault(row.Lang) + 1;
            }

            return new Example(present, topic.LabelOf(row), row.Lang, reading);
        }

        /// <summary>The lines of each language's file, in the order of their words.</summary>
        /// <param name="weights">Of each class.</param>
        public SortedDictionary<string, List<string>> Lines(double[][] weights)
        {
            var files = new SortedDictionary<string, List<string>>(StringComparer.Ordinal) { [WordWeights.NoLanguage] = [Line(WordWeights.Bias, weights, Count)] };
            foreach (var (name, f) in _numbers.OrderBy(number => number.Key, StringComparer.Ordinal))
            {
                if (Array.Exists(weights, ofClass => Math.Abs(ofClass[f]) >= SmallestWeight))
                {
                    var language = name[0] == WordWeights.LabelMark ? WordWeights.NoLanguage : _languages[f].MaxBy(l => l.Value).Key;
                    files.TryAdd(language, []);
                    files[language].Add(Line(name, weights, f));
                }
            }

            return files;
        }

        private static string Line(string name, double[][] weights, int feature) =>
            $"{name} {string.Join(' ', weights.Select(ofClass => ofClass[feature].ToString("F2", CultureInfo.InvariantCulture)))}\n";

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
