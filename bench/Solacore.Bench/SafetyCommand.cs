using System.Text;
using System.Text.Json;
using Solacore.Core;
using Solacore.Core.Safety;

namespace Solacore.Bench;

/// <summary>Runs the safety rules over foreign sentences, line by line, so that anybody can score them.</summary>
internal static class SafetyCommand
{
    // Read by programs, never embedded in HTML: Chinese stays readable.
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerOptions.Web) { Encoder = PlainJsonEncoder.Instance };

    /// <summary>0 when every line was answered, 1 when one of them could not be read.</summary>
    public static int Run(Stream input, Stream output, TextWriter errors)
    {
        using var lines = new StreamReader(input, Encoding.UTF8);
        using var answers = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
        var exitCode = 0;
        for (var number = 1; lines.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            try
            {
                answers.WriteLine(JsonSerializer.Serialize(Judge(JsonSerializer.Deserialize<Question>(line, JsonSerializerOptions.Web)), Readable));
            }
            catch (Exception problem) when (problem is JsonException or InvalidDataException)
            {
                errors.WriteLine($"line {number}: {problem.Message}");
                exitCode = 1;
            }
        }

        return exitCode;
    }

    private static Answer Judge(Question? question)
    {
        if (question is not { Id.ValueKind: not JsonValueKind.Undefined, Text: { } text })
        {
            throw new InvalidDataException("expected an object with 'id' and a string 'text'");
        }

        return new Answer(
            question.Id,
            CrisisDetector.Detect(text) is not null,
            InjectionGuard.LooksLikeInjection(text),
            EmotionDetector.Detect(text).Label,
            InputCleaning.Clean(text));
    }

    private sealed record Question(JsonElement Id, string? Lang, string? Text);

    private sealed record Answer(JsonElement Id, bool Crisis, bool Injection, string Emotion, string Output);
}
