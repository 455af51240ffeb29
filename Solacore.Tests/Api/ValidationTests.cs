using System.Net;

namespace Solacore.Tests.Api;

public sealed class ValidationTests : IAsyncLifetime
{
    private const string Uuid = "0862e424-f951-4b98-9fbb-731ea233cdc1";

    private EdgeHost _host = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await EdgeHost.StartAsync();
        _client = _host.NewClient("good");
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("limit=0", """{"type":"greater_than_equal","loc":["query","limit"],"msg":"Input should be greater than or equal to 1","input":"0","ctx":{"ge":1}}""")]
    [InlineData("limit=101", """{"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than or equal to 100","input":"101","ctx":{"le":100}}""")]
    [InlineData("limit=", """{"type":"int_parsing","loc":["query","limit"],"msg":"Input should be a valid integer, unable to parse string as an integer","input":""}""")]
    [InlineData("offset=-1", """{"type":"greater_than_equal","loc":["query","offset"],"msg":"Input should be greater than or equal to 0","input":"-1","ctx":{"ge":0}}""")]
    [InlineData("limit=99999999999999999999", """{"type":"less_than_equal","loc":["query","limit"],"msg":"Input should be less than or equal to 100","input":"99999999999999999999","ctx":{"le":100}}""")]
    [InlineData("offset=99999999999999999999", """{"type":"less_than_equal","loc":["query","offset"],"msg":"Input should be less than or equal to 2147483646","input":"99999999999999999999","ctx":{"le":2147483646}}""")]
    [InlineData("offset=-99999999999999999999", """{"type":"greater_than_equal","loc":["query","offset"],"msg":"Input should be greater than or equal to 0","input":"-99999999999999999999","ctx":{"ge":0}}""")]
    [InlineData("status=lost", """{"type":"enum","loc":["query","status"],"msg":"Input should be 'active', 'completed' or 'abandoned'","input":"lost","ctx":{"expected":"'active', 'completed' or 'abandoned'"}}""")]
    [InlineData("include_messages=maybe", """{"type":"bool_parsing","loc":["query","include_messages"],"msg":"Input should be a valid boolean, unable to interpret input","input":"maybe"}""")]
    [InlineData("from_date=soon", """{"type":"datetime_from_date_parsing","loc":["query","from_date"],"msg":"Input should be a valid datetime or date","input":"soon","ctx":{"error":"not an ISO 8601 timestamp"}}""")]
    [InlineData("start_date=2026-13-01", """{"type":"date_from_datetime_parsing","loc":["query","start_date"],"msg":"Input should be a valid date or datetime","input":"2026-13-01","ctx":{"error":"not a date such as 2026-11-23"}}""")]
    [InlineData("q=%00", """{"type":"value_error","loc":["query","q"],"msg":"Value error, Text must not contain the null character","input":"\u0000","ctx":{"error":{}}}""")]
    public async Task a_bad_query_is_told_in_full(string query, string entry)
    {
        var answer = await _client.FetchAsync("/things?" + query);

        AssertProblems(answer, entry);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("1")]
    [InlineData("YES")]
    [InlineData("On")]
    [InlineData("t")]
    [InlineData("y")]
    public async Task many_words_mean_true(string word)
    {
        var answer = await _client.FetchAsync("/things?include_messages=" + word);

        Assert.Contains("\"include_messages\":true", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z")]
    [InlineData("2026-11-23T10:00:00.5Z", "2026-11-23T10:00:00.500000Z")]
    [InlineData("2026-11-23T10:00:00.123456789Z", "2026-11-23T10:00:00.123456Z")]
    [InlineData("2026-11-23T10:00:00.123456789%2B02:00", "2026-11-23T08:00:00.123456Z")]
    [InlineData("2026-11-23T10:00:00%2B02:00", "2026-11-23T08:00:00Z")]
    [InlineData("2026-11-23T10:00:00+02:00", "2026-11-23T08:00:00Z")]
    [InlineData("2026-11-23T10:00:00", "2026-11-23T10:00:00Z")]
    [InlineData("2026-11-23T10:00", "2026-11-23T10:00:00Z")]
    [InlineData("2026-11-23", "2026-11-23T00:00:00Z")]
    [InlineData("1795428000", "2026-11-23T10:00:00Z")]
    [InlineData("1795428000000", "2026-11-23T10:00:00Z")]
    public async Task timestamps_arrive_in_many_forms_and_leave_in_one(string sent, string expected)
    {
        var answer = await _client.FetchAsync("/things?from_date=" + sent);

        Assert.Equal(
            $$"""{"limit":20,"offset":0,"status":null,"include_messages":false,"from_date":"{{expected}}","start_date":null,"q":null}""",
            answer.Body);
    }

    [Fact]
    public async Task an_alias_is_read_as_the_value_it_stands_for()
    {
        var answer = await _client.FetchAsync("/things?status=archived");

        Assert.Contains("\"status\":\"abandoned\"", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task all_problems_come_at_once_in_declared_order_path_before_body()
    {
        var answer = await _client.PatchAsync("/things/xyz", """{"reminder_time":"later"}""");

        AssertProblems(
            answer,
            """{"type":"uuid_parsing","loc":["path","thing_id"],"msg":"Input should be a valid UUID, invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `x` at 1","input":"xyz","ctx":{"error":"invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `x` at 1"}}""",
            """{"type":"datetime_from_date_parsing","loc":["body","reminder_time"],"msg":"Input should be a valid datetime or date","input":"later","ctx":{"error":"not an ISO 8601 timestamp"}}""");
    }

    [Fact]
    public async Task header_and_members_are_checked_together()
    {
        var answer = await _client.PostAsync("/things", """{"name":"  ","template_id":"1234","tags":["a",5],"size":1.5}""");

        AssertProblems(
            answer,
            """{"type":"missing","loc":["header","X-Device-Fingerprint"],"msg":"Field required","input":null}""",
            """{"type":"string_too_short","loc":["body","name"],"msg":"String should have at least 1 character","input":"  ","ctx":{"min_length":1}}""",
            """{"type":"missing","loc":["body","mode"],"msg":"Field required","input":{"name":"  ","template_id":"1234","tags":null,"size":1.5}}""",
            """{"type":"uuid_parsing","loc":["body","template_id"],"msg":"Input should be a valid UUID, invalid length: expected length 32 for simple format, found 4","input":"1234","ctx":{"error":"invalid length: expected length 32 for simple format, found 4"}}""",
            """{"type":"string_type","loc":["body","tags",1],"msg":"Input should be a valid string","input":null}""",
            """{"type":"int_from_float","loc":["body","size"],"msg":"Input should be a valid integer, got a number with a fractional part","input":1.5}""");
    }

    [Theory]
    [InlineData("""{"name":"12345678901","mode":"quick"}""", """{"type":"string_too_long","loc":["body","name"],"msg":"String should have at most 10 characters","input":"12345678901","ctx":{"max_length":10}}""")]
    [InlineData("""{"name":null,"mode":"quick"}""", """{"type":"string_type","loc":["body","name"],"msg":"Input should be a valid string","input":null}""")]
    [InlineData("""{"name":"\ud800","mode":"quick"}""", """{"type":"string_unicode","loc":["body","name"],"msg":"Input should be a valid string, unable to parse raw data as a unicode string","input":null}""")]
    [InlineData("""{"mode":"quick","a member \ud800":1,"another \udc00\ud800":2}""", """{"type":"missing","loc":["body","name"],"msg":"Field required","input":{"mode":"quick"}}""")]
    [InlineData("""{"name":"a","mode":"zzz"}""", """{"type":"literal_error","loc":["body","mode"],"msg":"Input should be 'quick', 'deep' or 'custom'","input":"zzz","ctx":{"expected":"'quick', 'deep' or 'custom'"}}""")]
    [InlineData("""{"name":"a","mode":"deep","tags":["1","2","3"]}""", """{"type":"too_long","loc":["body","tags"],"msg":"List should have at most 2 items after validation, not 3","input":null,"ctx":{"field_type":"List","max_length":2,"actual_length":3}}""")]
    [InlineData("[1]", """{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or object to extract fields from","input":null}""")]
    [InlineData("null", """{"type":"missing","loc":["body"],"msg":"Field required","input":null}""")]
    [InlineData("", """{"type":"missing","loc":["body"],"msg":"Field required","input":null}""")]
    public async Task a_bad_body_is_told_in_full(string body, string entry)
    {
        var answer = await _client.PostAsync("/things", body, ("X-Device-Fingerprint", "phone"));

        AssertProblems(answer, entry);
    }

    [Theory]
    [InlineData(10, HttpStatusCode.OK)]
    [InlineData(11, HttpStatusCode.UnprocessableEntity)]
    public async Task white_space_around_a_text_may_be_as_long_as_the_text(int spaces, HttpStatusCode expected)
    {
        var answer = await _client.PostAsync("/things", $$"""{"name":"1234567890{{new string(' ', spaces)}}","mode":"quick"}""", ("X-Device-Fingerprint", "phone"));

        Assert.Equal(expected, answer.Status);
    }

    [Fact]
    public async Task emoji_count_as_one_character_each()
    {
        var answer = await _client.PostAsync("/things", """{"name":"😀😀😀😀😀😀😀😀😀😀","mode":"quick"}""", ("X-Device-Fingerprint", "phone"));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact]
    public async Task unknown_members_are_ignored_and_null_means_left_out()
    {
        var answer = await _client.PostAsync(
            "/things/", """{"name":"né","mode":"quick","size":null,"is_open":null,"locale":"en"}""", ("X-Device-Fingerprint", "phone"));

        Assert.Equal(
            """{"value":{"name":"né","mode":"quick","template_id":null,"tags":null,"is_open":false,"size":7},"device":"phone"}""", answer.Body);
        Assert.Equal("application/json", answer.Header("Content-Type"));
    }

    [Theory]
    [InlineData("{}", "false", "null")]
    [InlineData("""{"reminder_time":null}""", "true", "null")]
    [InlineData("""{"reminder_time":"2026-11-23T10:00:00.000Z"}""", "true", "\"2026-11-23T10:00:00Z\"")]
    public async Task leaving_out_and_null_differ_where_it_matters(string body, string isGiven, string time)
    {
        var answer = await _client.PatchAsync("/things/" + Uuid, body);

        Assert.Equal($$"""{"id":"{{Uuid}}","is_given":{{isGiven}},"reminder_time":{{time}}}""", answer.Body);
    }

    [Theory]
    [InlineData("0862E424-F951-4B98-9FBB-731EA233CDC1")]
    [InlineData("0862e424f9514b989fbb731ea233cdc1")]
    [InlineData("{0862e424-f951-4b98-9fbb-731ea233cdc1}")]
    [InlineData("urn:uuid:0862e424-f951-4b98-9fbb-731ea233cdc1")]
    public async Task ids_are_read_in_every_usual_form(string form)
    {
        var answer = await _client.FetchAsync("/things/" + Uri.EscapeDataString(form) + "?limit=3");

        Assert.Equal($$"""{"id":"{{Uuid}}","limit":3}""", answer.Body);
    }

    [Theory]
    [InlineData("weak", "Password must be at least 8 characters")]
    [InlineData("password1", "Password must contain at least one uppercase letter")]
    [InlineData("Password", "Password must contain at least one digit")]
    public async Task a_weak_password_is_refused_without_being_repeated(string password, string reason)
    {
        var answer = await _client.PostAsync(
            "/auth/register", $$"""{"email":"ann@example.com","password":"{{password}}","device_fingerprint":"phone"}""");

        AssertProblems(
            answer, $$"""{"type":"value_error","loc":["body","password"],"msg":"Value error, {{reason}}","input":null,"ctx":{"error":{} } }""".Replace(" }", "}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task nothing_private_is_repeated()
    {
        var answer = await _client.PostAsync("/auth/register", """{"email":"ann@","pasword":"S3cretvalue","device_name":"Web Browser"}""");

        AssertProblems(
            answer,
            """{"type":"value_error","loc":["body","email"],"msg":"value is not a valid email address: There must be something after the @-sign.","input":null,"ctx":{"reason":"There must be something after the @-sign."}}""",
            """{"type":"missing","loc":["body","password"],"msg":"Field required","input":{"device_name":"Web Browser"}}""",
            """{"type":"missing","loc":["body","device_fingerprint"],"msg":"Field required","input":{"device_name":"Web Browser"}}""");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    public async Task an_optional_body_may_be_absent_even_with_a_json_content_type(string? contentType)
    {
        var answer = await _client.SendAsync(HttpMethod.Post, "/auth/refresh", Requests.Bytes([], contentType));

        Assert.Equal((HttpStatusCode.OK, """{"refresh_token":null}"""), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task an_optional_body_that_is_there_has_to_be_right()
    {
        var answer = await _client.PostAsync("/auth/refresh", "{}");

        AssertProblems(answer, """{"type":"missing","loc":["body","refresh_token"],"msg":"Field required","input":{}}""");
    }

    [Theory]
    [InlineData("text/plain", HttpStatusCode.UnprocessableEntity)]
    [InlineData("application/x-www-form-urlencoded", HttpStatusCode.UnprocessableEntity)]
    [InlineData("application/merge-patch+json", HttpStatusCode.OK)]
    [InlineData("application/json; charset=utf-8", HttpStatusCode.OK)]
    [InlineData(null, HttpStatusCode.OK)]
    public async Task only_json_is_read_as_json(string? contentType, HttpStatusCode status)
    {
        var content = Requests.Bytes("{\"refresh_token\":\"x\"}"u8.ToArray(), contentType);

        var answer = await _client.SendAsync(HttpMethod.Post, "/auth/refresh", content);

        Assert.Equal(status, answer.Status);
        Assert.Equal(status != HttpStatusCode.OK, answer.Body.Contains("model_attributes_type", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{", 1)]
    [InlineData("{\n\"a\":x}", 6)]
    [InlineData("{} {}", 3)]
    public async Task broken_json_is_refused_with_its_position_before_anybody_is_asked_for_a_token(string body, int position)
    {
        var answer = await _host.Client.PostAsync("/things", body, ("Authorization", "Bearer bad"));

        AssertProblems(
            answer,
            $$$"""{"type":"json_invalid","loc":["body",{{{position}}}],"msg":"JSON decode error","input":{},"ctx":{"error":"the text is not JSON or nested too deeply"}}""");
    }

    [Fact]
    public async Task deep_nesting_and_broken_utf8_are_broken_json()
    {
        var deep = await _client.PostAsync("/things", string.Concat(Enumerable.Repeat("[", 1000)));
        var broken = await _client.SendAsync(HttpMethod.Post, "/things", Requests.Bytes([(byte)'"', 0xff, (byte)'"'], "application/json"));

        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, HttpStatusCode.UnprocessableEntity), (deep.Status, broken.Status));
        Assert.All([deep, broken], answer => Assert.Contains("json_invalid", answer.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_huge_value_is_not_echoed_in_full()
    {
        var answer = await _client.FetchAsync("/things?limit=" + new string('x', 5_000));

        Assert.InRange(answer.Body.Length, 1, 500);
    }

    private static void AssertProblems(Answer answer, params string[] entries)
    {
        var first = System.Text.Json.JsonDocument.Parse(entries[0]).RootElement.GetProperty("msg").GetRawText();
        Assert.Equal(
            (HttpStatusCode.UnprocessableEntity, $$"""{"detail":[{{string.Join(",", entries)}}],"error":"VALIDATION_ERROR","message":{{first}}}"""),
            (answer.Status, answer.Body));
    }
}
