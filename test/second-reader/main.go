// The second reader of Firebreak's ledger: it shares no code with the first, and says whether it comes to the same end.
//
//	second-reader export DIR VERIFIER-KEY
//	second-reader proof FILE VERIFIER-KEY [WITNESS-KEY]
//	second-reader vector FILE
//
// Exit code 0: everything is as signed. 4: it is not, with one line of why. 2: the arguments make no sense.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileWidth = 256

func main() {
	said, err := run(os.Args[1:])
	if errors.Is(err, errUsage) {
		fmt.Fprintln(os.Stderr, "usage: second-reader export DIR KEY | proof FILE KEY [WITNESS-KEY] | vector FILE")
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "second-reader:", err)
		os.Exit(4)
	}
	fmt.Println(said)
}

var errUsage = errors.New("usage")

func run(args []string) (string, error) {
	switch {
	case len(args) == 3 && args[0] == "export":
		return checkExport(args[1], args[2])
	case (len(args) == 3 || len(args) == 4) && args[0] == "proof":
		text, err := os.ReadFile(args[1])
		if err != nil {
			return "", err
		}
		return checkProof(string(text), args[2], args[3:])
	case len(args) == 2 && args[0] == "vector":
		return checkVector(args[1])
	}
	return "", errUsage
}

// head is what a checkpoint says of the tree.
type head struct {
	size int64
	root tlog.Hash
}

// openCheckpoint verifies the log's signature (and each witness's, where keys are given) and reads the three lines.
func openCheckpoint(text []byte, key string, witnesses []string) (head, error) {
	log, err := note.NewVerifier(key)
	if err != nil {
		return head{}, err
	}
	known := []note.Verifier{log}
	for _, one := range witnesses {
		witness, err := newWitness(one)
		if err != nil {
			return head{}, err
		}
		known = append(known, witness)
	}
	opened, err := note.Open(text, note.VerifierList(known...))
	if err != nil {
		return head{}, fmt.Errorf("checkpoint: %w", err)
	}
	if len(opened.Sigs) != len(known) {
		return head{}, fmt.Errorf("checkpoint: %d of %d known keys have signed", len(opened.Sigs), len(known))
	}
	lines := strings.Split(strings.TrimSuffix(opened.Text, "\n"), "\n")
	if len(lines) < 3 || lines[0] != log.Name() {
		return head{}, errors.New("checkpoint: not of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return head{}, errors.New("checkpoint: no size")
	}
	root, err := readHash(lines[2])
	return head{size, root}, err
}

// witness verifies timestamped cosignatures (C2SP tlog-cosignature), which the note package does not know.
type witness struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func newWitness(text string) (*witness, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed witness key")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 33 || raw[0] != 4 {
		return nil, errors.New("malformed witness key")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	if hex.EncodeToString(sum[:4]) != parts[1] {
		return nil, errors.New("witness key and its id differ")
	}
	return &witness{parts[0], binary.BigEndian.Uint32(sum[:4]), raw[1:]}, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.id }
func (w *witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(w.key, append([]byte(head), msg...), sig[8:])
}

// tree holds the stored hashes of a log that is built leaf by leaf.
type tree struct {
	hashes []tlog.Hash
	size   int64
}

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		found[i] = t.hashes[index]
	}
	return found, nil
}

func (t *tree) add(leaf []byte) error {
	more, err := tlog.StoredHashesForRecordHash(t.size, tlog.RecordHash(leaf), t)
	t.hashes = append(t.hashes, more...)
	t.size++
	return err
}

// checkExport builds the whole tree from the entries and compares every tile and the signed root with it.
func checkExport(dir, key string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	if err != nil {
		return "", err
	}
	signed, err := openCheckpoint(text, key, nil)
	if err != nil {
		return "", err
	}
	built := &tree{}
	for n := int64(0); n*tileWidth < signed.size; n++ {
		width := widthOf(signed.size, n)
		leaves, err := readBundle(filepath.Join(dir, tilePath("entries", n, width)))
		if err != nil {
			return "", err
		}
		if int64(len(leaves)) != width {
			return "", fmt.Errorf("bundle %d holds %d entries, not %d", n, len(leaves), width)
		}
		for _, leaf := range leaves {
			if err := checkLeaf(leaf); err != nil {
				return "", fmt.Errorf("entry %d: %w", built.size, err)
			}
			if err := built.add(leaf); err != nil {
				return "", err
			}
		}
	}
	tiles, err := checkTiles(dir, built)
	if err != nil {
		return "", err
	}
	if err := checkRoot(built, signed); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d entries and %d tiles are as signed", signed.size, tiles), nil
}

func checkTiles(dir string, built *tree) (int, error) {
	count := 0
	level := 0
	for wide := built.size; wide > 0; wide /= tileWidth {
		for n := int64(0); n*tileWidth < wide; n++ {
			width := widthOf(wide, n)
			path := tilePath(strconv.Itoa(level), n, width)
			bytesOf, err := os.ReadFile(filepath.Join(dir, path))
			if err != nil {
				return 0, err
			}
			var want []byte
			for i := int64(0); i < width; i++ {
				found, err := built.ReadHashes([]int64{tlog.StoredHashIndex(8*level, n*tileWidth+i)})
				if err != nil {
					return 0, err
				}
				want = append(want, found[0][:]...)
			}
			if !bytes.Equal(bytesOf, want) {
				return 0, fmt.Errorf("%s is not what its entries give", path)
			}
			count++
		}
		level++
	}
	return count, nil
}

func checkRoot(built *tree, signed head) error {
	root, err := tlog.TreeHash(signed.size, built)
	if err != nil {
		return err
	}
	if built.size != signed.size || root != signed.root {
		return errors.New("the entries do not give the root that was signed")
	}
	return nil
}

func widthOf(size, n int64) int64 {
	if size-n*tileWidth < tileWidth {
		return size - n*tileWidth
	}
	return tileWidth
}

func tilePath(level string, n, width int64) string {
	path := fmt.Sprintf("%03d", n%1000)
	for rest := n / 1000; rest > 0; rest /= 1000 {
		path = fmt.Sprintf("x%03d/%s", rest%1000, path)
	}
	if width < tileWidth {
		path = fmt.Sprintf("%s.p/%d", path, width)
	}
	return filepath.Join("tile", level, path)
}

func readBundle(path string) ([][]byte, error) {
	rest, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var leaves [][]byte
	for len(rest) > 0 {
		if len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
			return nil, fmt.Errorf("%s ends within an entry", path)
		}
		end := 2 + int(binary.BigEndian.Uint16(rest))
		leaves = append(leaves, rest[2:end])
		rest = rest[end:]
	}
	return leaves, nil
}

// checkLeaf holds a leaf to what the format says of one: a JSON object of version 1 with a kind, a time and a body.
func checkLeaf(leaf []byte) error {
	var told struct {
		V    *int            `json:"v"`
		Kind *string         `json:"kind"`
		At   *float64        `json:"at"`
		Body *map[string]any `json:"body"`
	}
	if err := json.Unmarshal(leaf, &told); err != nil {
		return err
	}
	if told.V == nil || *told.V != 1 || told.Kind == nil || told.At == nil || told.Body == nil {
		return errors.New("not an entry of version 1")
	}
	return nil
}

// checkProof verifies a receipt (C2SP tlog-proof) whose extra line holds the entry.
func checkProof(text, key string, witnesses []string) (string, error) {
	parts := strings.SplitN(text, "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if len(parts) != 2 || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return "", errors.New("not a receipt")
	}
	if !strings.HasPrefix(lines[1], "extra ") || !strings.HasPrefix(lines[2], "index ") {
		return "", errors.New("a receipt without its entry or index")
	}
	leaf, err := base64.StdEncoding.Strict().DecodeString(lines[1][len("extra "):])
	if err != nil {
		return "", err
	}
	index, err := strconv.ParseInt(lines[2][len("index "):], 10, 64)
	if err != nil || strconv.FormatInt(index, 10) != lines[2][len("index "):] {
		return "", errors.New("no index")
	}
	var path tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := readHash(line)
		if err != nil {
			return "", err
		}
		path = append(path, hash)
	}
	signed, err := openCheckpoint([]byte(parts[1]), key, witnesses)
	if err != nil {
		return "", err
	}
	if index < 0 || index >= signed.size {
		return "", errors.New("the index is beyond the tree")
	}
	if err := tlog.CheckRecord(path, signed.size, signed.root, index, tlog.RecordHash(leaf)); err != nil {
		return "", err
	}
	return fmt.Sprintf("entry %d of %d is proved", index, signed.size), checkLeaf(leaf)
}

func readHash(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != len(hash) {
		return hash, errors.New("malformed hash")
	}
	copy(hash[:], raw)
	return hash, nil
}

// vector is a golden vector as it lies in test/vectors/ledger.
type vector struct {
	VerifierKey string
	Leaves      []string
	Root        string
	Checkpoint  string
	Receipts    map[string]string
	Consistency []struct {
		From int64
		Root string
		Path []string
	}
	Witness struct {
		VerifierKey string
		Cosigned    string
	}
	Commitment struct {
		Value, Salt, Commitment string
	}
}

func checkVector(file string) (string, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var v vector
	if err := json.Unmarshal(raw, &v); err != nil {
		return "", err
	}
	signed, err := openCheckpoint([]byte(v.Checkpoint), v.VerifierKey, nil)
	if err != nil {
		return "", err
	}
	built := &tree{}
	for n, leaf := range v.Leaves {
		if err := checkLeaf([]byte(leaf)); err != nil {
			return "", fmt.Errorf("entry %d: %w", n, err)
		}
		if err := built.add([]byte(leaf)); err != nil {
			return "", err
		}
	}
	if err := checkRoot(built, signed); err != nil {
		return "", err
	}
	if root, err := readHash(v.Root); err != nil || root != signed.root {
		return "", errors.New("the vector's root is not the signed one")
	}
	for index, receipt := range v.Receipts {
		said, err := checkProof(receipt, v.VerifierKey, nil)
		if err != nil {
			return "", fmt.Errorf("receipt %s: %w", index, err)
		}
		if said != fmt.Sprintf("entry %s of %d is proved", index, signed.size) {
			return "", fmt.Errorf("receipt %s is of another entry", index)
		}
	}
	if err := checkConsistency(v, signed); err != nil {
		return "", err
	}
	cosigned, err := openCheckpoint([]byte(v.Witness.Cosigned), v.VerifierKey, []string{v.Witness.VerifierKey})
	if err != nil || cosigned != signed {
		return "", fmt.Errorf("cosignature: %v", err)
	}
	return fmt.Sprintf("%d leaves, %d receipts and %d consistency proofs hold", len(v.Leaves), len(v.Receipts), len(v.Consistency)), checkCommitment(v)
}

func checkConsistency(v vector, signed head) error {
	for _, one := range v.Consistency {
		old, err := readHash(one.Root)
		if err != nil {
			return err
		}
		var path tlog.TreeProof
		for _, line := range one.Path {
			hash, err := readHash(line)
			if err != nil {
				return err
			}
			path = append(path, hash)
		}
		if err := tlog.CheckTree(path, signed.size, signed.root, one.From, old); err != nil {
			return fmt.Errorf("consistency from %d: %w", one.From, err)
		}
	}
	return nil
}

func checkCommitment(v vector) error {
	salt, err := hex.DecodeString(v.Commitment.Salt)
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte("firebreak commitment 1\n" + v.Commitment.Value))
	if "hmac-sha256:"+hex.EncodeToString(mac.Sum(nil)) != v.Commitment.Commitment {
		return errors.New("the commitment does not open")
	}
	return nil
}
