using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Marketplace.Platform;
using Marketplace.Requester.Jobs;
using Npgsql;

namespace Marketplace.Requester.Tasks;

/// <summary>Keeps the pictures of an uploaded zip by their content, under the names that a draft's rows use for them.</summary>
internal static class SaveImages
{
    internal sealed record Stored(string Name, int Images, int ProblemCount, IReadOnlyList<RowProblem> Problems);

    /// <returns>What was kept, or null where the requester has no such draft (any more).</returns>
    /// <exception cref="TaskFileRefused">The file is no zip, or unpacks to more than a zip may.</exception>
    internal static async Task<Stored?> Run(
        Guid jobId, Guid requester, string name, Stream file, NpgsqlDataSource database, TimeProvider clock, CancellationToken cancel)
    {
        // A zip's list is at its end: it waits on disk, not in memory.
        await using var spool = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None,
            64 * 1024, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await file.CopyToAsync(spool, cancel);

        using var zip = await Open(spool, cancel);
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await JobQueries.Lock(jobId, requester, transaction, cancel) is not { IsDraft: true })
            return null;

        var problems = new RowProblems();
        var images = await StoreAll(jobId, zip, problems, transaction, clock.Now(), cancel);
        await connection.ExecuteAsync(new CommandDefinition(
            UpsertFile,
            new
            {
                JobId = jobId,
                Name = name,
                Images = images,
                ProblemCount = problems.Count,
                Problems = JsonSerializer.Serialize(problems.First, WireJson.Options),
                Now = clock.Now(),
            },
            transaction,
            cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
        return new(name, images, problems.Count, problems.First);
    }

    private static async Task<ZipArchive> Open(Stream spool, CancellationToken cancel)
    {
        try
        {
            if (await CountZipFiles.Run(spool, Image.MostInZip, cancel) is not { } files)
                throw new InvalidDataException();
            if (files > Image.MostInZip)
                throw new TaskFileRefused(new(0, null, $"The zip has more than {Image.MostInZip:N0} files. Use two."));
            spool.Position = 0;
            var zip = new ZipArchive(spool, ZipArchiveMode.Read, leaveOpen: true);
            _ = zip.Entries.Count; // Reads the list, so that a damaged one is found here.
            return zip;
        }
        catch (InvalidDataException)
        {
            throw new TaskFileRefused(new(0, null, "This is not a zip, or it is damaged. Put the pictures in a zip."));
        }
    }

    private static async Task<int> StoreAll(
        Guid jobId, ZipArchive zip, RowProblems problems, NpgsqlTransaction transaction, DateTimeOffset now, CancellationToken cancel)
    {
        var entries = zip.Entries.Where(e => !Image.IsLitter(e.FullName)).ToArray();
        var folder = Image.CommonFolder(entries.Select(e => e.FullName).ToArray());
        var buffer = new byte[Image.MostBytes + 1];
        var (images, total) = (0, 0L);
        foreach (var entry in entries)
        {
            // What is left out was unpacked too: the work counts, not what is kept.
            var (length, unpacked) = Read(entry, buffer, problems);
            total += unpacked;
            if (total > Image.MostBytesOfAll)
                throw new TaskFileRefused(new(0, null, $"The zip unpacks to more than {Image.MostBytesOfAll / 1_000_000} MB. Use two."));
            if (length == 0)
                continue;

            var content = buffer.AsMemory(0, length);
            var image = new
            {
                JobId = jobId,
                Name = entry.FullName,
                ShortName = entry.FullName[folder.Length..],
                Hash = SHA256.HashData(content.Span),
                ContentType = Image.TypeOf(content.Span),
                Content = content.ToArray(),
                Now = now,
            };
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(InsertImage, image, transaction, cancellationToken: cancel));
            images++;
        }

        return images;
    }

    /// <summary>Unpacks a picture and looks at it; its length, or 0 (and a problem) where it is left out, and how much was unpacked. What the zip says of its size is not believed.</summary>
    private static (int Length, int Unpacked) Read(ZipArchiveEntry entry, byte[] buffer, RowProblems problems)
    {
        var shown = entry.FullName.Length <= Image.LongestName ? entry.FullName : entry.FullName[..Image.LongestName] + "…";
        if (!Image.IsName(entry.FullName))
        {
            problems.Add(0, shown, $"{shown}: the name leads out of the zip, or has letters that no name here has.");
            return (0, 0);
        }

        var (length, unpacked) = (0, 0);
        try
        {
            using var content = entry.Open();
            unpacked = buffer.Length;
            length = unpacked = content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or IOException)
        {
            problems.Add(0, shown, $"{shown} cannot be unpacked.");
            return (0, unpacked);
        }

        if (length > Image.MostBytes)
            problems.Add(0, shown, $"{shown} is larger than {Image.MostBytes / 1_000_000} MB.");
        else if (Image.TypeOf(buffer.AsSpan(0, length)) is null)
            problems.Add(0, shown, $"{shown} is no PNG, JPEG, GIF or WebP.");
        else
            return (length, length);
        return (0, length);
    }

    private const string InsertImage = """
        with kept as (
          insert into media (hash, content_type, content, added_at)
          values (@Hash, @ContentType, @Content, @Now)
          on conflict (hash) do nothing
        )
        insert into job_image (job_id, name, hash)
        select @JobId, n, @Hash
        from unnest(array[@Name, @ShortName]) as names (n)
        group by n
        on conflict (job_id, name) do update
        set hash = excluded.hash
        """;

    private const string UpsertFile = """
        insert into image_file (job_id, name, images, problem_count, problems, read_at)
        values (@JobId, @Name, @Images, @ProblemCount, @Problems::jsonb, @Now)
        on conflict (job_id) do update
        set name = excluded.name,
            images = excluded.images,
            problem_count = excluded.problem_count,
            problems = excluded.problems,
            read_at = excluded.read_at
        """;
}
