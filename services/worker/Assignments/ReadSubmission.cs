using System.Text.Json;

namespace Marketplace.Worker.Assignments;

/// <summary>Reads what a submit says from its request, whichever of the two forms it has.</summary>
internal static class ReadSubmission
{
    private static readonly Submission Unreadable = new() { Wrong = ("", "Send {\"answer\": {\"label\": \"…\"}} as JSON, or a form.") };

    internal static async Task<Submission> Handle(HttpRequest request, CancellationToken cancel)
    {
        try
        {
            if (request.HasFormContentType)
                return Submission.Read(await request.ReadFormAsync(cancel));

            using var json = await JsonDocument.ParseAsync(request.Body, cancellationToken: cancel);
            return Submission.Read(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            return Unreadable;
        }
    }
}
