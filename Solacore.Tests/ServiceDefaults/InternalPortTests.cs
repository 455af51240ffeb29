using System.Net;
using Microsoft.AspNetCore.Builder;
using Solacore.ServiceDefaults;

namespace Solacore.Tests.ServiceDefaults;

public sealed class InternalPortTests
{
    [Theory]
    [InlineData("GET", "/metrics")]
    [InlineData("POST", "/metrics")]
    [InlineData("GET", "/health/details")]
    [InlineData("POST", "/health/details")]
    [InlineData("GET", "/admin/jobs")]
    [InlineData("DELETE", "/admin/jobs")]
    public async Task internal_paths_do_not_exist_for_clients_even_with_a_forged_host(string method, string path)
    {
        await using var service = await StartAsync();
        foreach (var host in new[] { service.Clients.BaseAddress!.Authority, service.Inside.BaseAddress!.Authority, "localhost" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            request.Headers.Host = host;
            request.Headers.Add("X-Forwarded-Host", service.Inside.BaseAddress!.Authority);
            request.Headers.Add("X-Forwarded-Port", service.Inside.BaseAddress.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
            using var response = await service.Clients.SendAsync(request, TestContext.Current.CancellationToken);

            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
            Assert.Equal("", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task internal_paths_answer_on_the_internal_port()
    {
        await using var service = await StartAsync();

        Assert.Equal(new Answer(HttpStatusCode.OK, "jobs"), await Answer.OfAsync(service.Inside, "/admin/jobs"));
        Assert.Equal(HttpStatusCode.OK, (await Answer.OfAsync(service.Inside, "/health/details")).Status);
        var metrics = await Answer.OfAsync(service.Inside, "/metrics");
        Assert.Equal(HttpStatusCode.OK, metrics.Status);
        Assert.Contains("# TYPE", metrics.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task without_an_internal_port_internal_paths_exist_nowhere()
    {
        await using var service = await StartAsync(new() { ["INTERNAL_PORT"] = "" });

        Assert.Equal(new Answer(HttpStatusCode.NotFound, ""), await Answer.OfAsync(service.Clients, "/metrics"));
        Assert.Equal(new Answer(HttpStatusCode.NotFound, ""), await Answer.OfAsync(service.Clients, "/admin/jobs"));
    }

    [Fact]
    public async Task a_path_may_answer_differently_for_clients_and_operators()
    {
        await using var service = await RunningService.StartAsync(map: app =>
        {
            app.MapGet("/both/{name}", () => "client");
            app.MapInternalGroup("/both").MapGet("/special", () => "operator");
        });

        Assert.Equal("client", (await Answer.OfAsync(service.Clients, "/both/special")).Body);
        Assert.Equal("operator", (await Answer.OfAsync(service.Inside, "/both/special")).Body);
        Assert.Equal("client", (await Answer.OfAsync(service.Inside, "/both/other")).Body);
    }

    private static Task<RunningService> StartAsync(Dictionary<string, string?>? settings = null) =>
        RunningService.StartAsync(settings: settings, map: app => app.MapInternalGroup("/admin").MapGet("/jobs", () => "jobs"));
}
