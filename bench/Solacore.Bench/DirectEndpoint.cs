using System.ClientModel;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Npgsql;
using OpenAI;
using Solacore.Core.Turns;
using Solacore.ServiceDefaults;

namespace Solacore.Bench;

/// <summary>
/// An api that does nothing but store a message, call the model and send its pieces on as they come, in a process of its own:
/// what a reply takes on this machine whoever gives it. What the product takes longer is what it adds.
/// </summary>
internal static class DirectEndpoint
{
    public const string Path = "/messages";

    /// <summary>The servers it shares with the product leave room for no more.</summary>
    private const int MaxConnections = 20;

    public static Task<BenchProcess> StartAsync(string database, string modelUrl) => BenchProcess.StartAsync(
        "direct",
        new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__solacore"] = database,
            ["OPENAI_BASE_URL"] = modelUrl,
        });

    public static async Task RunAsync(string port)
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        await using var app = builder.Build();
        await using var database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(app.Configuration["ConnectionStrings:solacore"]) { MaxPoolSize = MaxConnections });
        await using (var create = database.CreateCommand("create table direct_messages (id uuid primary key, content text)"))
        {
            await create.ExecuteNonQueryAsync(CancellationToken.None);
        }

        var model = new OpenAIClient(new ApiKeyCredential("not-a-key"), new OpenAIClientOptions { Endpoint = new Uri(app.Configuration["OPENAI_BASE_URL"]!) })
            .GetChatClient("gpt-4o-mini")
            .AsIChatClient();
        app.MapGet("/health/ready", () => "ready");
        app.MapPost(Path, (JsonElement body, HttpContext http) =>
            AnswerAsync(body.GetProperty("content").GetString()!, database, model, http.Response, http.RequestAborted));
        await app.RunAsync();
    }

    private static async Task AnswerAsync(string said, NpgsqlDataSource database, IChatClient model, HttpResponse response, CancellationToken cancel)
    {
        await using (var insert = database.CreateCommand("insert into direct_messages values ($1, $2)"))
        {
            insert.Parameters.AddWithValue(Guid.CreateVersion7());
            insert.Parameters.AddWithValue(said);
            await insert.ExecuteNonQueryAsync(cancel);
        }

        response.ContentType = "text/event-stream";
        ChatMessage[] prompt = [new(ChatRole.System, "Be kind."), new(ChatRole.User, "Hello")];
        await foreach (var piece in model.GetStreamingResponseAsync(prompt, new ChatOptions { MaxOutputTokens = 100 }, cancel))
        {
            if (piece.Text is [_, ..] text)
            {
                await response.WriteAsync($"event: {TurnEvent.TokenName}\ndata: {TurnEvent.TokenData(text)}\n\n", cancel);
                await response.Body.FlushAsync(cancel);
            }
        }

        await response.WriteAsync($"event: {TurnEvent.DoneName}\ndata: {{}}\n\n", cancel);
    }
}
