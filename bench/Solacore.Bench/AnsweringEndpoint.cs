using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Solacore.Api.Auth;
using Solacore.Api.Http;
using Solacore.Core.Billing;
using Solacore.Core.Data;
using Solacore.Core.Jobs;
using Solacore.Core.Model;
using Solacore.Core.Model.Prompts;
using Solacore.Core.Safety;
using Solacore.Core.Settings;
using Solacore.Core.Solve;
using Solacore.Core.Telemetry;
using Solacore.Core.Turns;
using Solacore.ServiceDefaults;

namespace Solacore.Bench;

/// <summary>
/// An api that answers messages by itself: before the first word it checks, reads, asks, writes and reserves what the product
/// does, behind the product's own edge and with its own classes, but there is no queue and no worker, and no Redis carries the
/// words. What the product takes longer is the price of the hop.
/// </summary>
internal static class AnsweringEndpoint
{
    public static async Task RunAsync(string port)
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var settings = new SettingsReader(builder.Configuration);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSolacoreData(ConnectionSettings.Read(settings)).AddJobQueue().AddProductTelemetry();
        builder.AddHttpEdge(settings);
        builder.AddAuth(settings);
        builder.Services.AddTurns(settings).AddSolveSessions().AddTurnAnswers(settings).AddSolveReplies(settings);
        builder.Services.AddScoped<Answering>();
        await using var app = builder.Build();
        app.UseHttpEdge();
        app.MapGet("/health/ready", () => "ready");
        app.MapApi().MapPost("/sessions/{session}/messages", AnswerAsync).Authenticated();
        await app.RunAsync();
    }

    private static Task AnswerAsync(Guid session, JsonElement body, Caller caller, HttpContext http, Answering answering) =>
        answering.AnswerAsync(caller.UserId, session, body.GetProperty("content").GetString()!, http.Response, http.RequestAborted);
}

/// <summary>One message, from its checks to the end of its reply.</summary>
internal sealed class Answering(SolacoreDb db, Moderation moderation, ReplyModel model, ModelLedger ledger, TimeProvider time)
{
    private sealed record Known(SolveSession Session, TurnPerson Person, Subscription Plan, StepHistory Visit);

    public async Task AnswerAsync(Guid person, Guid session, string said, HttpResponse response, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var known = await (
            from s in db.SolveSessions
            where s.Id == session && s.UserId == person
            join p in TurnPerson.All(db) on s.UserId equals p.UserId
            join stored in db.Subscriptions on s.UserId equals stored.UserId
            join h in db.StepHistory.Where(h => h.CompletedAt == null) on s.Id equals h.SessionId
            select new Known(s, p, stored, h)).SingleAsync(cancel);
        var names = known.Person.Names;
        var clean = InputCleaning.Clean(said);
        if (CrisisDetector.Detect(said) is not null || await moderation.IsDangerAsync(names.Hide(clean), cancel))
        {
            throw new InvalidOperationException("Nobody is in danger here.");
        }

        var turn = await StoreAsync(known, said, now, cancel);
        var prompt = await ComposeAsync(turn, clean, names, cancel);
        var plan = await Plans.AsOfAsync(db, known.Plan, now, cancel);
        var usage = new ReplyUsage();
        var asker = new ModelAsker(person, session, turn.Id, plan?.Tier ?? Tier.Free, plan?.CurrentPeriodStart);
        var reply = await StreamAsync(model.StreamAsync(prompt, asker, usage, cancel), response, cancel);

        (turn.Status, turn.FinishedAt) = (TurnStatus.Completed, time.GetUtcNow());
        db.Messages.Add(Message(Guid.CreateVersion7(), known.Session, MessageRole.Assistant, reply, time.GetUtcNow()));
        await db.SaveChangesAsync(cancel);
        await ledger.SettleAsync(usage.Call!);
    }

    /// <summary>The message and the turn that answers it.</summary>
    private async Task<Turn> StoreAsync(Known known, string said, DateTimeOffset now, CancellationToken cancel)
    {
        var turn = new Turn
        {
            Id = Guid.CreateVersion7(),
            UserId = known.Session.UserId,
            SolveSessionId = known.Session.Id,
            UserMessageId = Guid.CreateVersion7(),
            Locale = "en",
            CreatedAt = now,
        };
        db.Turns.Add(turn);
        db.Messages.Add(Message(turn.UserMessageId, known.Session, MessageRole.User, said, now));
        known.Visit.MessageCount++;
        await db.SaveChangesAsync(cancel);
        return turn;
    }

    /// <summary>What the model is asked.</summary>
    private async Task<IReadOnlyList<PromptMessage>> ComposeAsync(Turn turn, string clean, AccountNames names, CancellationToken cancel)
    {
        var recent = await db.Messages.AsNoTracking().Where(m => m.SessionId == turn.SolveSessionId).OrderByDescending(m => m.Sequence)
            .Take(SolvePrompt.MaxRecentMessages + 1).Select(m => new { m.Id, m.Role, m.Content }).ToListAsync(cancel);
        var decision = SolveEngine.Decide(new SolveInput
        {
            Step = SolveStep.Receive,
            Status = SessionStatus.Active,
            Profile = ProblemProfile.Empty(turn.SolveSessionId!.Value, turn.UserId),
            Text = clean,
            Emotion = EmotionDetector.Detect(clean),
            Locale = "en",
            Now = turn.CreatedAt,
        });
        return SolvePrompt.Compose(
            decision.Brief,
            decision.Profile,
            [.. recent.Where(m => m.Id != turn.UserMessageId).Select(m => new PromptMessage(MessageRole.User, InputCleaning.Clean(m.Content)))],
            templatePrompt: null,
            names);
    }

    /// <summary>Sends the pieces on as they come; returns the whole.</summary>
    private static async Task<string> StreamAsync(IAsyncEnumerable<string> pieces, HttpResponse response, CancellationToken cancel)
    {
        response.ContentType = "text/event-stream";
        var reply = "";
        await foreach (var piece in pieces)
        {
            reply += piece;
            await response.WriteAsync($"event: {TurnEvent.TokenName}\ndata: {TurnEvent.TokenData(piece)}\n\n", cancel);
            await response.Body.FlushAsync(cancel);
        }

        return reply;
    }

    private static Message Message(Guid id, SolveSession session, MessageRole role, string text, DateTimeOffset now) => new()
    {
        Id = id,
        SessionId = session.Id,
        Role = role,
        Content = text,
        Step = session.CurrentStep,
        CreatedAt = now,
    };
}
