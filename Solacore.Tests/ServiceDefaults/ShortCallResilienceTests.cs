using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Solacore.ServiceDefaults;

namespace Solacore.Tests.ServiceDefaults;

public sealed class ShortCallResilienceTests
{
    [Fact]
    public async Task a_read_is_tried_again_when_the_server_fails()
    {
        await using var server = await FailingFirstAsync();
        using var client = new ServiceCollection().ShortCalls();

        Assert.Equal(new Answer(HttpStatusCode.OK, "attempt 2"), await Answer.OfAsync(client.To(server), "/flaky"));
    }

    [Fact]
    public async Task a_write_is_not_tried_again_because_it_may_have_been_carried_out()
    {
        await using var server = await FailingFirstAsync();
        using var client = new ServiceCollection().ShortCalls();

        using var response = await client.To(server).PostAsync(
            new Uri("/flaky", UriKind.Relative), null, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    private static Task<RunningService> FailingFirstAsync()
    {
        var attempts = 0;
        return RunningService.StartAsync(map: app => app.Map("/flaky", () => Interlocked.Increment(ref attempts) == 1
            ? Results.StatusCode(StatusCodes.Status503ServiceUnavailable)
            : Results.Text($"attempt {attempts}")));
    }
}

internal static class ShortCallClients
{
    public static ServiceProvider ShortCalls(this IServiceCollection services)
    {
        services.AddHttpClient("short").AddShortCallResilience();
        return services.BuildServiceProvider();
    }

    public static HttpClient To(this IServiceProvider services, RunningService server)
    {
        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("short");
        client.BaseAddress = server.Clients.BaseAddress;
        return client;
    }
}
