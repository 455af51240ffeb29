using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Solacore.Api.Http.Docs;
using Solacore.Api.Http.Requests;

namespace Solacore.Api.Http;

/// <summary>A file to keep. Unlike other answers it names its charset, which is pinned for exports.</summary>
internal sealed class Download : IResult, IStatusCodeHttpResult, IEndpointMetadataProvider
{
    private static readonly JsonSerializerOptions Indented = new(ApiJson.Options) { WriteIndented = true, IndentSize = 2, NewLine = "\n" };

    private readonly string _fileName;
    private readonly string _contentType;
    private readonly Func<Stream, CancellationToken, Task> _write;

    private Download(string fileName, string contentType, Func<Stream, CancellationToken, Task> write)
    {
        _fileName = fileName;
        _contentType = contentType;
        _write = write;
    }

    private const string JsonType = "application/json; charset=utf-8";
    private const string CsvType = "text/csv; charset=utf-8";
    private const string MarkdownType = "text/markdown; charset=utf-8";

    public int? StatusCode => StatusCodes.Status200OK;

    /// <summary>Indented JSON; sequences that are read asynchronously are written as they come.</summary>
    public static Download Json<T>(string name, T value) => new(
        name + ".json", JsonType, (body, cancellationToken) => JsonSerializer.SerializeAsync(body, value, Indented, cancellationToken));

    public static Download Csv(string name, Csv table) => Text(name + ".csv", CsvType, table.ToString());

    public static Download Markdown(string name, string text) => Text(name + ".md", MarkdownType, text);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = _contentType;
        httpContext.Response.Headers.ContentDisposition = Disposition(_fileName);
        return _write(httpContext.Response.Body, httpContext.RequestAborted);
    }

    /// <summary>
    /// The plain name stands last: the web client takes everything behind <c>filename=</c> as the name.
    /// </summary>
    public static string Disposition(string fileName)
    {
        var ascii = string.Concat(fileName.EnumerateRunes().Select(rune => rune.IsAscii ? rune.ToString() : "_"));
        return ascii == fileName
            ? $"attachment; filename=\"{ascii}\""
            : $"attachment; filename*=UTF-8''{Uri.EscapeDataString(fileName)}; filename=\"{ascii}\"";
    }

    /// <summary>The file has the form that the parameter <c>format</c> names: json, csv or markdown.</summary>
    static void IEndpointMetadataProvider.PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        var formats = builder.Metadata.OfType<ParameterMetadata>().Single(parameter => parameter.Name == "format").Type;
        builder.Metadata.Add(new TextMetadata(
            "A file; its name is in `Content-Disposition`.", [.. ValueReaders.NamesOf(formats).Select(ContentTypeOf)]));
    }

    private static string ContentTypeOf(string format) => format switch
    {
        "csv" => CsvType,
        "markdown" => MarkdownType,
        "json" => JsonType,
        _ => throw new UnreachableException(),
    };

    private static Download Text(string fileName, string contentType, string text) => new(
        fileName, contentType, (body, cancellationToken) => body.WriteAsync(Encoding.UTF8.GetBytes(text), cancellationToken).AsTask());
}
