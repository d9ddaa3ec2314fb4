// Checks the ledger's transparency log with code that is not ours: golang.org/x/mod/sumdb's note and tlog. Only what they do not have is
// written here: the tiles' addresses (C2SP tlog-tiles), the checkpoint's three lines (C2SP tlog-checkpoint), bundles and receipts; and of the
// leaves, versions 1 and 2, what says where an entry stands: its number, its batch, and the order of keys in one.
//
//	log-client URL KEY [CHECKPOINT-FILE]
//
// URL ends in /log/. KEY is the log's verifier key. The file holds an earlier signed checkpoint that the log must continue.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileWidth = 256

func main() {
	if len(os.Args) < 3 {
		fail("log-client URL KEY [CHECKPOINT-FILE]")
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(os.Args[2]))
	check(err, "the log's key")
	log := &log{url: os.Args[1], verifier: verifier, tiles: map[string][]byte{}}
	tree := log.open(string(log.get("checkpoint")))
	log.size = tree.N

	checkRoot(log, tree)
	checkEntries(log, tree)
	checkReceipts(log)
	sizes := checkGrowth(log, tree)
	if len(os.Args) > 3 {
		older, err := os.ReadFile(os.Args[3])
		check(err, "the earlier checkpoint")
		checkContinues(log, tree, log.open(string(older)))
		sizes++
	}
	fmt.Printf("%d entries of %s are in the tree, which continues %d smaller ones\n", tree.N, verifier.Name(), sizes)
}

// log is a served log, and a reader of its hashes by tlog's storage index.
type log struct {
	url      string
	verifier note.Verifier
	size     int64
	tiles    map[string][]byte
}

// open checks the signature of a checkpoint and reads its tree.
func (l *log) open(text string) tlog.Tree {
	opened, err := note.Open([]byte(text), note.VerifierList(l.verifier))
	check(err, "the checkpoint's signature")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != l.verifier.Name() {
		fail("the checkpoint is not three lines of %s", l.verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "the checkpoint's size")
	if strconv.FormatInt(size, 10) != lines[1] {
		fail("the checkpoint's size is written %q", lines[1])
	}
	return tlog.Tree{N: size, Hash: hashOf(lines[2])}
}

// ReadHashes is tlog.HashReader over tiles of 256: a hash inside a tile is computed from those at its bottom.
func (l *log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, n := tlog.SplitStoredHashIndex(index)
		within := level % 8
		first, count := n<<within, int64(1)<<within
		tile := l.tile(strconv.Itoa(level/8), first/tileWidth, l.size>>(8*(level/8)))
		row := make([]tlog.Hash, count)
		for j := range row {
			at := (first%tileWidth + int64(j)) * tlog.HashSize
			copy(row[j][:], tile[at:at+tlog.HashSize])
		}
		for len(row) > 1 {
			for j := 0; j < len(row)/2; j++ {
				row[j] = tlog.NodeHash(row[2*j], row[2*j+1])
			}
			row = row[:len(row)/2]
		}
		hashes[i] = row[0]
	}
	return hashes, nil
}

// tile fetches tile number n of a level that has count hashes or leaves.
func (l *log) tile(level string, n, count int64) []byte {
	path := strconv.FormatInt(1000+n%1000, 10)[1:]
	for rest := n / 1000; rest > 0; rest /= 1000 {
		path = "x" + strconv.FormatInt(1000+rest%1000, 10)[1:] + "/" + path
	}
	path = "tile/" + level + "/" + path
	if width := count - n*tileWidth; width < tileWidth {
		path += ".p/" + strconv.FormatInt(width, 10)
	}
	if _, known := l.tiles[path]; !known {
		l.tiles[path] = l.get(path)
	}
	return l.tiles[path]
}

// leaves are the entries in their order, each after its length in two bytes.
func (l *log) leaves() [][]byte {
	var leaves [][]byte
	for n := int64(0); n*tileWidth < l.size; n++ {
		bundle := l.tile("entries", n, l.size)
		for len(bundle) > 0 {
			length := 2 + int(binary.BigEndian.Uint16(bundle))
			leaves = append(leaves, bundle[2:length])
			bundle = bundle[length:]
		}
	}
	if int64(len(leaves)) != l.size {
		fail("the bundles hold %d leaves, and the checkpoint says %d", len(leaves), l.size)
	}
	return leaves
}

func (l *log) get(path string) []byte {
	response, err := http.Get(l.url + path)
	check(err, path)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	check(err, path)
	if response.StatusCode != http.StatusOK {
		fail("%s answers %s", path, response.Status)
	}
	return body
}

func checkRoot(l *log, tree tlog.Tree) {
	root, err := tlog.TreeHash(tree.N, l)
	check(err, "the root")
	if root != tree.Hash {
		fail("the tiles lead to %s, and the log signed %s", root, tree.Hash)
	}
}

func checkEntries(l *log, tree tlog.Tree) {
	var before place
	for i, leaf := range l.leaves() {
		now := placeOf(leaf)
		now.follows(before, int64(i+1))
		before = now
		proof, err := tlog.ProveRecord(tree.N, int64(i), l)
		check(err, "a proof")
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(leaf)), "entry "+strconv.Itoa(i+1))
		if tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(append(leaf, 0))) == nil {
			fail("a leaf that is not in the log is accepted as entry %d", i+1)
		}
	}
}

// place is where an entry stands, as its leaf says.
type place struct {
	version       byte
	number, batch int64
	key           string
}

// placeOf reads the beginning of a leaf: version, number, batch, kind, instant, currency, key.
func placeOf(leaf []byte) place {
	rest := leaf
	take := func(n int) []byte {
		if len(rest) < n {
			fail("a leaf of %d bytes ends too early", len(leaf))
		}
		taken := rest[:n]
		rest = rest[n:]
		return taken
	}
	long := func() int64 { return int64(binary.BigEndian.Uint64(take(8))) }
	sized := func() []byte { return take(int(binary.BigEndian.Uint16(take(2)))) }
	p := place{version: take(1)[0], number: long()}
	p.batch = p.number - 1
	if p.version == 2 {
		p.batch = long()
	}
	sized()
	long()
	sized()
	p.key = string(sized())
	return p
}

// follows: versions never go back, a batch goes on or begins with this entry, and keys ascend in it.
func (p place) follows(before place, number int64) {
	switch {
	case p.version != 1 && p.version != 2 || len(p.key) != 32 || p.number != number:
		fail("entry %d is not one: version %d, number %d, a key of %d bytes", number, p.version, p.number, len(p.key))
	case p.version < before.version:
		fail("entry %d is of version 1 after one of version 2", number)
	case p.version == 2 && before.version == 2 && p.batch == before.batch:
		if p.key <= before.key {
			fail("entry %d is out of the order of keys in its batch", number)
		}
	case p.batch != number-1:
		fail("entry %d names batch %d", number, p.batch)
	}
}

// checkReceipts checks the proofs that the log itself computes.
func checkReceipts(l *log) {
	for number := int64(1); number <= l.size; number += 1 + l.size/50 {
		head, signed, _ := strings.Cut(string(l.get("receipt/"+strconv.FormatInt(number, 10))), "\n\n")
		lines := strings.Split(head, "\n")
		if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" || lines[2] != "index "+strconv.FormatInt(number-1, 10) {
			fail("the receipt of entry %d is not one", number)
		}
		leaf, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
		check(err, "a receipt's leaf")
		var proof tlog.RecordProof
		for _, line := range lines[3:] {
			proof = append(proof, hashOf(line))
		}
		tree := l.open(signed)
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, number-1, tlog.RecordHash(leaf)), "the receipt of entry "+strconv.FormatInt(number, 10))
	}
}

// checkGrowth: the tree continues every smaller one, as far as there is time for them.
func checkGrowth(l *log, tree tlog.Tree) int {
	checked := 0
	for size := int64(1); size <= tree.N; size++ {
		hash, err := tlog.TreeHash(size, l)
		check(err, "a smaller root")
		checkContinues(l, tree, tlog.Tree{N: size, Hash: hash})
		checked++
	}
	return checked
}

func checkContinues(l *log, tree, older tlog.Tree) {
	proof, err := tlog.ProveTree(tree.N, older.N, l)
	check(err, "a proof of growth")
	check(tlog.CheckTree(proof, tree.N, tree.Hash, older.N, older.Hash), "growth from "+strconv.FormatInt(older.N, 10))
	other := older.Hash
	other[0] ^= 1
	if tlog.CheckTree(proof, tree.N, tree.Hash, older.N, other) == nil {
		fail("another root of %d entries is accepted", older.N)
	}
}

func hashOf(text string) tlog.Hash {
	var hash tlog.Hash
	bytes, err := base64.StdEncoding.DecodeString(text)
	check(err, "a hash")
	if copy(hash[:], bytes) != tlog.HashSize || len(bytes) != tlog.HashSize {
		fail("a hash of %d bytes", len(bytes))
	}
	return hash
}

func check(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

func fail(format string, values ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", values...)
	os.Exit(1)
}
