namespace Solacore.Tests.Scenarios;

/// <summary>A running system, somebody who is signed in to its first api, and their new session.</summary>
internal sealed class ReplyConversation : IAsyncDisposable
{
    private ReplyConversation(RunningSystem system, Visitor person, Guid session) => (System, Person, Session) = (system, person, session);

    public RunningSystem System { get; }

    /// <summary>The first one.</summary>
    public Api Api => System.Apis[0];

    public Visitor Person { get; }

    public Guid Session { get; }

    /// <param name="system">Is disposed of with the conversation.</param>
    public static async Task<ReplyConversation> StartAsync(RunningSystem system)
    {
        try
        {
            var person = await Visitor.RegisterAsync(system.Apis[0]);
            return new ReplyConversation(system, person, await person.StartSessionAsync(system.Apis[0]));
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    /// <summary>The person says something in the session, to the first api; the reply streams.</summary>
    public Task<ReplyStream> SayAsync(string text, string? idempotencyKey = null, string? traceParent = null) =>
        Person.SayAsync(Api, Session, text, idempotencyKey, traceParent);

    public ValueTask DisposeAsync()
    {
        Person.Dispose();
        return System.DisposeAsync();
    }
}
