using System.Net;
using System.Security.Claims;
using Marketplace.Platform;
using Marketplace.Requester.Jobs;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Npgsql;

namespace Marketplace.Requester.Tasks;

/// <summary>
/// Takes a file of tasks, or a zip of pictures, as it arrives: a program sends it as the body or in a form, a page in a
/// form whose first part is the anti-forgery token and whose other parts are the draft as typed so far.
/// </summary>
internal static class UploadTasks
{
    /// <summary>What was taken; the part that was not sent is null.</summary>
    internal sealed record Response(SaveTasks.Stored? Tasks, SaveImages.Stored? Images);

    private const int LongestField = 64 * 1024;
    private const int MostParts = 40;

    /// <summary>A file of tasks and a zip in one request, and what a form adds. Beyond it the connection is closed.</summary>
    private const long MostBytesOfAll = (2 * TaskFile.MostBytes) + 50_000_000;

    /// <summary>The page's form.</summary>
    internal static async Task<IResult> FromPage(
        Guid jobId, HttpContext http, ClaimsPrincipal user, IAntiforgery antiforgery, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancel)
    {
        RaiseLimit(http);
        if (MultipartOf(http.Request) is not { } parts)
            return Problems.Refuse(415, "Nothing was uploaded", "Send the file in a form (multipart/form-data).");

        var upload = new Upload(jobId, user, database, clock);
        if (await parts.ReadNextSectionAsync(cancel) is not { } first || NameOf(first) != "__RequestVerificationToken")
            return Problems.Refuse(400, "This form is too old", "Nothing was changed. Load the page again and repeat what you did.");
        http.Request.Headers["RequestVerificationToken"] = await ReadField(first, cancel);
        if (http.Request.Headers.Authorization.Count == 0 && !await antiforgery.IsRequestValidAsync(http))
            return Problems.Refuse(400, "This form is too old", "Nothing was changed. Load the page again and repeat what you did.");

        if (await upload.Prepare(cancel) is { } refused)
            return refused;
        await upload.TakeAll(parts, cancel);
        await upload.KeepFields(cancel);
        return http.Request.WantsJson() ? upload.Result() : TypedResults.LocalRedirect($"/requester/jobs/{jobId}/draft#tasks");
    }

    /// <summary>A program's request: a form, or the file itself as the body.</summary>
    internal static async Task<IResult> FromProgram(
        Guid jobId, string? name, HttpContext http, ClaimsPrincipal user, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancel)
    {
        RaiseLimit(http);
        var upload = new Upload(jobId, user, database, clock);
        if (await upload.Find(cancel) is { } refused)
            return refused;

        if (MultipartOf(http.Request) is { } parts)
        {
            await upload.TakeAll(parts, cancel);
        }
        else
        {
            var zip = http.Request.ContentType?.StartsWith("application/zip", StringComparison.OrdinalIgnoreCase) == true;
            await upload.Take(zip ? "images" : "file", name ?? (zip ? "images.zip" : "tasks"), http.Request.Body, cancel);
        }

        return upload.Result();
    }

    private static void RaiseLimit(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MostBytesOfAll;
    }

    private static MultipartReader? MultipartOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || type.MediaType != "multipart/form-data")
            return null;
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return boundary is { Length: > 0 and <= 100 } ? new MultipartReader(boundary, request.Body) : null;
    }

    private static string? NameOf(MultipartSection part) =>
        ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition)
            ? HeaderUtilities.RemoveQuotes(disposition.Name).Value
            : null;

    private static async Task<string> ReadField(MultipartSection part, CancellationToken cancel)
    {
        var bytes = new byte[LongestField];
        var length = await part.Body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        return System.Text.Encoding.UTF8.GetString(bytes, 0, length);
    }

    /// <summary>One request's upload: where it goes and what has come of it.</summary>
    private sealed class Upload(Guid jobId, ClaimsPrincipal user, NpgsqlDataSource database, TimeProvider clock)
    {
        private readonly Dictionary<string, string> _fields = [];
        private readonly List<(string Field, RowProblem Problem)> _refused = [];
        private SaveTasks.Stored? _tasks;
        private SaveImages.Stored? _images;
        private bool _gone;

        /// <summary>The draft must be there …</summary>
        internal async Task<IResult?> Find(CancellationToken cancel)
        {
            await using var connection = await database.OpenConnectionAsync(cancel);
            return await JobQueries.Find(jobId, user.Id(), connection, cancel) switch
            {
                null => JobQueries.NotThere(),
                { IsDraft: false } => Problems.Refuse(409, "The job is posted", "Its tasks are fixed now."),
                _ => null,
            };
        }

        /// <summary>… or begins with this upload.</summary>
        internal async Task<IResult?> Prepare(CancellationToken cancel)
        {
            await using (var connection = await database.OpenConnectionAsync(cancel))
            {
                if (await JobQueries.Find(jobId, user.Id(), connection, cancel) is null
                    && await SaveDraft.Save(jobId, new Draft(), user, database, clock, cancel) is { } refused)
                    return refused;
            }

            return await Find(cancel);
        }

        internal async Task TakeAll(MultipartReader parts, CancellationToken cancel)
        {
            for (var n = 0; n < MostParts && await parts.ReadNextSectionAsync(cancel) is { } part; n++)
            {
                if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition) || NameOf(part) is not { } field)
                    continue;

                var file = disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName);
                if (field is "file" or "images")
                {
                    if (file.Length > 0)
                        await Take(field, WebUtility.HtmlDecode(file.Value!), part.Body, cancel);
                }
                else
                {
                    var value = await ReadField(part, cancel);
                    _fields[field] = _fields.TryGetValue(field, out var before) ? $"{before},{value}" : value;
                }
            }
        }

        internal async Task Take(string field, string name, Stream body, CancellationToken cancel)
        {
            name = Path.GetFileName(name.Replace('\\', '/').Replace("\0", "", StringComparison.Ordinal));
            name = name.Length <= 200 ? name : name[..200];
            try
            {
                var bounded = new StopAtLimit(body, TaskFile.MostBytes);
                if (field == "images")
                    _gone |= (_images = await SaveImages.Run(jobId, user.Id(), name, bounded, database, clock, cancel)) is null;
                else
                    _gone |= (_tasks = await SaveTasks.Run(jobId, user.Id(), name, bounded, database, clock, cancel)) is null;
            }
            catch (TaskFileRefused e)
            {
                _refused.Add((field, e.Problem));
                await SaveTasks.KeepRefusal(jobId, user.Id(), name, e.Problem, database, clock, cancel);
            }

            // Whoever is still sending hears the answer only at the end.
            await body.CopyToAsync(Stream.Null, cancel);
        }

        /// <summary>Keeps what was typed beside the file; what cannot be kept is said when the draft is saved.</summary>
        internal async Task KeepFields(CancellationToken cancel)
        {
            var form = DraftForm.Read(name => _fields.GetValueOrDefault(name));
            if (form.Problems.Count == 0 && (await new SaveDraft.Validator().ValidateAsync(form.Draft, cancel)).IsValid)
                await SaveDraft.Save(jobId, form.Draft, user, database, clock, cancel);
        }

        internal IResult Result()
        {
            if (_gone)
                return Problems.Refuse(409, "The job was posted meanwhile", "Its tasks are fixed now.");
            if (_refused.Count > 0)
            {
                return Problems.Refuse(
                    400, "The file cannot be read", string.Join(" ", _refused.Select(r => Describe(r.Problem))),
                    _refused.Select(r => (r.Problem.Line > 0 ? $"{r.Field}, line {r.Problem.Line}" : r.Field, r.Problem.Message)).ToArray());
            }

            return _tasks is null && _images is null
                ? Problems.Refuse(400, "Nothing was uploaded", "Send the tasks as a part named file, pictures as a zip in a part named images.", ("file", "Choose a file."))
                : TypedResults.Ok(new Response(_tasks, _images));
        }

        private static string Describe(RowProblem problem) => problem.Line > 0 ? $"Line {problem.Line}: {problem.Message}" : problem.Message;
    }
}
