using System.Globalization;
using System.Text.Json;
using Solacore.Core.Data;
using Solacore.Core.Language;
using Solacore.Core.Learn;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Safety;
using Solacore.Core.Solve;
using Solacore.Tests.Infrastructure;
using Solacore.Tests.Scenarios;

namespace Solacore.Tests.Model;

/// <summary>Nothing by which a person could be found reaches a provider, whatever they write and whatever is asked.</summary>
public sealed class PrivacyScenarios(ModelSystem system) : IClassFixture<ModelSystem>
{
    private const int Messages = 500;

    private static readonly string[] Locales = ["en", "es", "zh"];

    /// <summary>How people say such things; {0} is the secret, {1} what it is.</summary>
    private static readonly Dictionary<string, string[]> Sentences = new(StringComparer.Ordinal)
    {
        ["en"] = ["I feel lost since Monday. {0} is mine, what now?", "My {1} is {0} and I am worried about a deadline", "Please note {1}: {0}. I want to sleep better", "I was asked for my {1} ({0}) and panicked"],
        ["es"] = ["Me siento perdida desde el lunes. {0} es lo mío, ¿y ahora?", "Mi {1} es {0} y me preocupa un plazo", "Apunta {1}: {0}. Quiero dormir mejor", "Me pidieron {1} ({0}) y me agobié"],
        ["zh"] = ["我从周一开始很迷茫。{0} 是我的，怎么办？", "我的{1}是{0}，我担心截止日期", "请记下{1}：{0}。我想睡得更好", "他们问我要{1}（{0}），我很慌"],
    };

    private static readonly Dictionary<string, (string Kind, string[] Values)[]> Secrets = new(StringComparer.Ordinal)
    {
        ["en"] =
        [
            ("email", ["jo.bloggs@mail.example.co.uk", "j_b+private@example.org"]),
            ("phone number", ["+1 (415) 555-0132", "020 7946 0958", "415-555-0198"]),
            ("card number", ["4111 1111 1111 1111", "5555-5555-5555-4444"]),
            ("IBAN", ["GB82 WEST 1234 5698 7654 32", "GB33BUKB20201555555555"]),
            ("social security number", ["078-05-1120"]),
            ("address", ["221B Baker Street, London NW1 6XE", "1600 Pennsylvania Avenue"]),
            ("API key", ["sk-test-0000notakey1111notakey", "ghp_0000notakey1111notakey2222", "Bearer abc123notakey456def"]),
        ],
        ["es"] =
        [
            ("correo", ["lucia.g@correo.example.es"]),
            ("teléfono", ["+34 612 345 678", "912 345 678"]),
            ("tarjeta", ["4111 1111 1111 1111"]),
            ("IBAN", ["ES91 2100 0418 4502 0005 1332,"]),
            ("DNI", ["12345678Z", "X1234567L"]),
            ("dirección", ["Calle Mayor 25, 28013 Madrid", "Avenida de la Constitución 12"]),
            ("clave", ["sk-test-0000notakey1111notakey", "eyJhbGciOiJub25lIn0.eyJub3QiOiJhIn0.a2V5"]),
        ],
        ["zh"] =
        [
            ("邮箱", ["xiaoming@youxiang.example.cn"]),
            ("手机号", ["13800138000", "+86 138 0013 8000"]),
            ("银行卡号", ["6222020000000000000", "4111111111111111"]),
            ("身份证号", ["11010519491231002X"]),
            ("地址", ["北京市朝阳区建国路88号", "上海市浦东新区世纪大道100号"]),
            ("密钥", ["sk-test-0000notakey1111notakey"]),
        ],
    };

    private static readonly Dictionary<string, string> Greetings = new(StringComparer.Ordinal)
    {
        ["en"] = "This is Wilhelmina Quandt, wilhelmina.quandt on my Wilhelmina's Fairphone. ",
        ["es"] = "Soy Wilhelmina Quandt, wilhelmina.quandt. ",
        ["zh"] = "我是Wilhelmina Quandt，",
    };

    private static readonly string[] Names = ["wilhelmina", "quandt", "Fairphone"];

    [Fact]
    public void of_500_messages_no_prompt_of_any_kind_holds_anything_personal()
    {
        var names = AccountNames.Of("wilhelmina.quandt@example.com", ["Wilhelmina's Fairphone"]);
        var leaks = new List<string>();
        for (var n = 0; n < Messages; n++)
        {
            var (locale, text, secret) = Message(n);
            leaks.AddRange(PromptsAfter(locale, text, names).SelectMany(prompt => Names.Append(secret)
                .Where(personal => Holds(prompt, personal))
                .Select(personal => $"{locale}: {personal} of: {text}")));
        }

        Assert.True(leaks.Count == 0, string.Join('\n', leaks.Distinct()));
    }

    [Fact]
    public async Task nor_does_anything_that_the_provider_receives_from_the_running_system()
    {
        system.Model.Begin(new ModelScript());
        using var ann = await Visitor.RegisterAsync(system.Api, "wilhelmina.quandt@example.com", "Wilhelmina's Fairphone");
        var secrets = new List<string>(Names) { "example.com", ann.Fingerprint, ann.Id.ToString(), ann.Token! };
        var before = system.Model.Everything.Count;

        // In chunks of four, so that profile, history and later steps carry what earlier messages said.
        for (var n = 0; n < 32; n += 4)
        {
            var session = await ann.StartSessionAsync(system.Api);
            var lesson = await ann.StartLearningAsync(system.Api);
            foreach (var (_, text, secret) in Enumerable.Range(n, 4).Select(i => Message(i * 7)))
            {
                secrets.Add(secret);
                using var solved = await ann.SayAsync(system.Api, session, text);
                using var learnt = await ann.LearnAsync(system.Api, lesson, text);
                Assert.Equal(("done", "done"), ((await solved.ToEndAsync())!.Name, (await learnt.ToEndAsync())!.Name));
            }
        }

        var received = system.Model.Everything.Skip(before).ToList();
        Assert.Equal(
            (64, 64, true),
            (received.Count(r => r.Path.EndsWith("/moderations", StringComparison.Ordinal)),
             received.Count(r => r.Path.EndsWith("/completions", StringComparison.Ordinal) && !r.Body.Contains("response_format", StringComparison.Ordinal)),
             received.Count(r => r.Body.Contains("response_format", StringComparison.Ordinal)) >= 16));
        var leaks = from request in received
                    let told = string.Join('\n', Strings(JsonDocument.Parse(request.Body).RootElement)) + string.Join('\n', request.Headers.Values)
                    from secret in secrets
                    where Holds(told, secret)
                    select $"{request.Path}: {secret}";
        Assert.True(!leaks.Any(), string.Join('\n', leaks.Distinct()));
    }

    /// <summary>The same message for the same number; every secret in every frame of its language.</summary>
    private static (string Locale, string Text, string Secret) Message(int n)
    {
        var locale = Locales[n % 3];
        var secrets = Secrets[locale].SelectMany(kind => kind.Values.Select(value => (kind.Kind, Value: value))).ToList();
        var (kind, value) = secrets[n / 3 % secrets.Count];
        var frame = Sentences[locale][n / 3 / secrets.Count % 4];
        var greeting = n % 2 == 0 ? Greetings[locale] : "";
        return (locale, greeting + string.Format(CultureInfo.InvariantCulture, frame, value, kind), value);
    }

    /// <summary>All that could be sent because of a message: at every step of solve, in learn, for the profile, as a judgement.</summary>
    private static IEnumerable<string> PromptsAfter(string locale, string text, AccountNames names)
    {
        var clean = InputCleaning.Clean(text);
        yield return names.Hide(clean);
        var profile = ProblemProfile.Empty(Guid.CreateVersion7(), Guid.CreateVersion7());
        PromptMessage[] recent = [new(MessageRole.User, clean), new(MessageRole.Assistant, $"You said: {clean}")];
        foreach (var step in Enum.GetValues<SolveStep>())
        {
            yield return Joined(SolvePrompt.ComposeProfileReading(profile, clean, locale, withOptions: true, names));
            var decision = SolveEngine.Decide(new SolveInput
            {
                Step = step,
                Status = SessionStatus.Active,
                Profile = profile,
                Text = clean,
                Emotion = EmotionDetector.Detect(clean),
                Locale = locale,
                Now = DateTimeOffset.UnixEpoch,
            });
            profile = decision.Profile;
            yield return Joined(SolvePrompt.Compose(decision.Brief, profile, recent, templatePrompt: null, names));
        }

        yield return Joined(LearnPrompt.Compose(
            new LearnBrief { Step = LearnStep.Start, Topic = LearnRules.TopicAfter(null, clean), UserText = Wording.OneLine(clean), Locale = locale, Recent = recent }, names));
    }

    private static string Joined(IReadOnlyList<PromptMessage> prompt) => string.Join('\n', prompt.Select(message => message.Text));

    /// <summary>As written, or with other spaces and signs between its letters and digits.</summary>
    private static bool Holds(string text, string secret) => Bare(text).Contains(Bare(secret), StringComparison.OrdinalIgnoreCase);

    private static string Bare(string text) => string.Concat(text.Where(char.IsLetterOrDigit));

    private static IEnumerable<string> Strings(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member => Strings(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Strings),
        JsonValueKind.String => [element.GetString()!],
        _ => [],
    };
}
