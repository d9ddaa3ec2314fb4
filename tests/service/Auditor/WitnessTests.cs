using System.Globalization;
using System.Net;
using System.Text;
using Marketplace.Auditor.Evidence;
using Marketplace.Auditor.Log;
using Marketplace.Payment.Transparency;
using NSec.Cryptography;
using LoggedWitness = Marketplace.Payment.Transparency.Witness;

namespace Marketplace.ServiceTests.Auditor;

/// <summary>A witness over HTTP: what it signs, and what it refuses, as C2SP tlog-witness has it.</summary>
public sealed class WitnessTests : IAsyncLifetime
{
    private const string Origin = "marketplace.test/ledger";
    private readonly Key _key = Key.Create(SignatureAlgorithm.Ed25519);
    private readonly HttpClient _http = new();
    private RunningWitness _witness = null!;

    private string LogKey => SignedNote.VerifierKey(Origin, _key.PublicKey.Export(KeyBlobFormat.RawPublicKey));

    public async ValueTask InitializeAsync() => _witness = await RunningWitness.Start("witness.test/anna", LogKey);

    public async ValueTask DisposeAsync()
    {
        await _witness.DisposeAsync();
        _http.Dispose();
        _key.Dispose();
    }

    [Fact]
    public async Task What_only_grows_is_signed_and_what_it_signs_can_be_checked_by_the_log()
    {
        foreach (var (old, size) in new[] { (0, 1), (1, 1), (1, 5), (5, 300), (300, 301) })
        {
            var note = Signed(Tree(size));
            var (status, body) = await Add(old, Consistency(Tree(size), old), note);
            Assert.Equal(HttpStatusCode.OK, status);

            var known = LoggedWitness.Parse(_witness.Key.ToString(), "http://witness.test");
            Assert.NotNull(known.CosignatureIn(body, TextOf(note)));
            Assert.Null(known.CosignatureIn(body, TextOf(Signed(Tree(size + 1)))));
            Assert.True(SignedCheckpoint.Read(note + body).Note.IsSignedBy(_witness.Key));
        }
    }

    [Fact]
    public async Task A_stale_size_is_answered_with_the_size_that_was_signed()
    {
        await Add(0, [], Signed(Tree(4)));
        var (status, body) = await Add(2, Consistency(Tree(6), 2), Signed(Tree(6)));
        Assert.Equal((HttpStatusCode.Conflict, "4\n"), (status, body));
        Assert.Equal("text/x.tlog.size", _contentType);
    }

    [Fact]
    public async Task What_is_not_shown_to_grow_is_not_signed()
    {
        await Add(0, [], Signed(Tree(6)));
        var proof = Consistency(Tree(9), 6);
        foreach (var bad in new[] { proof[1..], [.. proof, proof[0]], [.. proof.Reverse()], [], Consistency(Tree(9), 5) })
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Add(6, bad, Signed(Tree(9)))).Status);
        Assert.Equal(HttpStatusCode.OK, (await Add(6, proof, Signed(Tree(9)))).Status);
        Assert.Empty(_witness.Evidence);
    }

    [Fact]
    public async Task Who_is_not_known_and_what_cannot_be_read_is_refused_by_its_own_status()
    {
        using var stranger = Key.Create(SignatureAlgorithm.Ed25519);
        Assert.Equal(HttpStatusCode.Forbidden, (await Add(0, [], SignedNote.Sign(CheckpointOf(Tree(3)).Text, Origin, stranger))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Add(0, [], SignedNote.Sign(new Checkpoint("another.test/log", 3, RootOf(Tree(3))).Text, "another.test/log", stranger))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Add(4, [], Signed(Tree(3)))).Status);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Add(0, [], SignedNote.Sign(new Checkpoint(Origin, 0, new byte[32]).Text, Origin, _key))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post("old 00\n\n" + Signed(Tree(3)))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post("old -1\n\n" + Signed(Tree(3)))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post("old 0\nnot base64\n\n" + Signed(Tree(3)))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post("old 0\n" + string.Concat(Enumerable.Repeat(Convert.ToBase64String(new byte[32]) + "\n", 64)) + "\n" + Signed(Tree(3)))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Post("")).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await Post(new string('a', 200_000))).Status);
    }

    [Fact]
    public async Task A_second_history_of_one_size_is_refused_and_becomes_evidence_that_stands_alone()
    {
        await Add(0, [], Signed(Tree(6)));
        var (status, body) = await Add(6, [], Signed(Forked(6)));
        Assert.Equal((HttpStatusCode.Conflict, "6\n"), (status, body));
        Assert.Contains("signed two different ledgers of 6 entries", Proven(Assert.Single(_witness.Evidence)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_longer_history_with_another_beginning_is_refused_and_its_own_proof_is_the_evidence()
    {
        await Add(0, [], Signed(Tree(6)));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Add(6, Consistency(Forked(9), 6), Signed(Forked(9)))).Status);
        Assert.Contains("whose first 6 are others", Proven(Assert.Single(_witness.Evidence)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_signed_is_remembered_over_a_restart()
    {
        await Add(0, [], Signed(Tree(6)));
        await _witness.Stop();
        await _witness.Start();
        Assert.Equal((HttpStatusCode.Conflict, "6\n"), await Add(0, [], Signed(Forked(9))));
        Assert.Equal(HttpStatusCode.OK, (await Add(6, Consistency(Tree(9), 6), Signed(Tree(9)))).Status);
    }

    [Fact]
    public async Task Of_many_futures_at_once_one_is_signed()
    {
        await Add(0, [], Signed(Tree(6)));
        var futures = Enumerable.Range(0, 24).Select(i => Tree(6).Append(Merkle.LeafHash([(byte)i])).ToArray());
        var answers = await Task.WhenAll(futures.Select(tree => Task.Run(() => Add(6, Consistency(tree, 6), Signed(tree)))));
        Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        Assert.Equal(23, answers.Count(a => a.Status == HttpStatusCode.Conflict));
    }

    [Fact]
    public void No_second_witness_works_in_the_same_folder() =>
        Assert.ThrowsAny<IOException>(() => Marketplace.Auditor.Witness.WitnessCommand.Start(
            new() { Name = "witness.test/anna", Log = [LogKey], Data = _witness.Folder, Listen = "http://127.0.0.1:0" }, TimeProvider.System, out _));

    private string Proven(string file)
    {
        var verdict = ForkEvidence.Parse(File.ReadAllText(file)).Judge([VerifierKey.Parse(LogKey)]);
        Assert.True(verdict.Proven, verdict.Why);
        return verdict.Why;
    }

    private string? _contentType;

    private Task<(HttpStatusCode Status, string Body)> Add(int old, byte[][] proof, string note) =>
        Post(string.Create(CultureInfo.InvariantCulture, $"old {old}\n") + string.Concat(proof.Select(h => Convert.ToBase64String(h) + "\n")) + "\n" + note);

    private async Task<(HttpStatusCode Status, string Body)> Post(string request)
    {
        using var content = new StringContent(request, Encoding.UTF8);
        using var answer = await _http.PostAsync(new Uri(_witness.Address, "add-checkpoint"), content, TestContext.Current.CancellationToken);
        _contentType = answer.Content.Headers.ContentType?.MediaType;
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private string Signed(byte[][] tree) => SignedNote.Sign(CheckpointOf(tree).Text, Origin, _key);

    private static string TextOf(string note) => note[..(note.LastIndexOf("\n\n", StringComparison.Ordinal) + 1)];

    private static Checkpoint CheckpointOf(byte[][] tree) => new(Origin, tree.Length, RootOf(tree));

    private static byte[][] Tree(int size) => [.. Enumerable.Range(0, size).Select(i => Merkle.LeafHash(BitConverter.GetBytes(i)))];

    private static byte[][] Forked(int size) => [Merkle.LeafHash("another"u8), .. Tree(size)[1..]];

    private static byte[] RootOf(byte[][] tree) => Merkle.Root(new(0, tree.Length), Nodes(tree));

    private static byte[][] Consistency(byte[][] tree, int old) =>
        old == 0 ? [] : [.. Merkle.ConsistencyPath(old, tree.Length).Select(range => Merkle.Root(range, Nodes(tree)))];

    private static Func<int, long, byte[]> Nodes(byte[][] tree) =>
        (level, index) => Merkle.Fold(tree[(int)(index << level)..(int)((index + 1) << level)]);
}
