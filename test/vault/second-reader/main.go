// The second reader of Firebreak's vault: written from docs/formats/recovery-point.md alone, in another language, with
// nothing of the first. It needs the store, an identity, and the program `age`, which opens the key files.
//
//	second-reader STORE IDENTITY-FILE SIGNER POINT OUT
//
// It prints the point's manifest, and writes what it names into OUT, each content under its SHA-256.
// Exit code 0: all of it is as signed. 4: it is not, with one line of why. 2: the arguments make no sense.
package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	if len(os.Args) != 6 {
		fmt.Fprintln(os.Stderr, "second-reader STORE IDENTITY-FILE SIGNER POINT OUT")
		os.Exit(2)
	}
	manifest, err := read(os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(4)
	}
	fmt.Print(manifest)
}

func read(store, identity, signer, id, out string) (string, error) {
	public, err := publicKey(signer)
	if err != nil {
		return "", err
	}
	keys, err := openKeys(store, identity, signer, public)
	if err != nil {
		return "", err
	}
	plain, err := openFile(filepath.Join(store, "points", id+".manifest"), keys, "point "+id)
	if err != nil {
		return "", err
	}
	// §9: the manifest, a line end, and the line that signs it.
	manifest, line, found := strings.Cut(string(plain), "\n")
	if !found {
		return "", fmt.Errorf("%s is not signed", id)
	}
	digest := sha256.Sum256([]byte(manifest))
	text := fmt.Sprintf("firebreak vault point 1\n%s\nsha256:%x\n", id, digest)
	if !signed(text, line, signer, public) {
		return "", fmt.Errorf("%s is signed by another", id)
	}
	var named struct {
		Items, Tables []struct {
			Sha256 string `json:"sha256"`
		}
	}
	if err := json.Unmarshal([]byte(manifest), &named); err != nil {
		return "", err
	}
	for _, thing := range append(named.Items, named.Tables...) {
		if thing.Sha256 == "" {
			continue
		}
		content, err := openObject(store, keys, thing.Sha256)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(out, thing.Sha256), content, 0o600); err != nil {
			return "", err
		}
	}
	return manifest, nil
}

// §8: by the id that a sealed file names; the machine's key, whose files name none, by the empty one.
type keyring map[string][]byte

func openKeys(store, identity, signer string, public ed25519.PublicKey) (keyring, error) {
	names, err := filepath.Glob(filepath.Join(store, "keys", "*.key"))
	if err != nil {
		return nil, err
	}
	keys := keyring{}
	for _, name := range names {
		note, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		text, line, found := strings.Cut(string(note), "\n\n")
		text += "\n"
		if !found || !strings.HasPrefix(text, "firebreak vault key 1\n") || !signed(text, line, signer, public) {
			continue
		}
		member := func(name string) string {
			for _, line := range strings.Split(text, "\n") {
				if strings.HasPrefix(line, name+" ") {
					return line[len(name)+1:]
				}
			}
			return ""
		}
		if member("signer") != signer {
			continue
		}
		key := unwrap(text[strings.Index(text, "-----BEGIN AGE ENCRYPTED FILE-----"):], identity)
		if key == nil || hex.EncodeToString(hkdf(key, nil, "firebreak vault key id", 16)) != member("key") {
			continue
		}
		if member("of") == "machine" {
			keys[""] = key
		} else {
			keys[member("key")] = key
		}
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("this identity opens no key that %s has signed", signer)
	}
	return keys, nil
}

func unwrap(armored, identity string) []byte {
	age := exec.Command("age", "--decrypt", "--identity", identity)
	age.Stdin = strings.NewReader(armored)
	text, err := age.Output()
	if err != nil {
		return nil
	}
	key, err := hex.DecodeString(strings.TrimSuffix(string(text), "\n"))
	if err != nil || len(key) != 32 {
		return nil
	}
	return key
}

// §2: content lies under a name that hangs on the key it is under.
func openObject(store string, keys keyring, content string) ([]byte, error) {
	for _, key := range keys {
		mac := hmac.New(sha256.New, hkdf(key, nil, "firebreak vault names", 32))
		mac.Write([]byte(content))
		name := hex.EncodeToString(mac.Sum(nil))
		path := filepath.Join(store, "objects", name[:2], name)
		if _, err := os.Stat(path); err != nil {
			continue
		}
		plain, err := openFile(path, keys, "object")
		if err != nil {
			return nil, err
		}
		if sum := sha256.Sum256(plain); hex.EncodeToString(sum[:]) != content {
			return nil, fmt.Errorf("%s holds other bytes than it says", path)
		}
		return plain, nil
	}
	return nil, fmt.Errorf("nothing in the store holds %s", content)
}

func openFile(path string, keys keyring, context string) ([]byte, error) {
	sealed, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	const chunk = 65536 + 16
	id, rest := "", []byte(nil)
	switch {
	case bytes.HasPrefix(sealed, []byte("fbvault1")) && len(sealed) >= 40:
		rest = sealed[8:]
	case bytes.HasPrefix(sealed, []byte("fbvault2")) && len(sealed) >= 56:
		id, rest = hex.EncodeToString(sealed[8:24]), sealed[24:]
	default:
		return nil, fmt.Errorf("%s is no sealed file", path)
	}
	key, found := keys[id]
	if !found {
		return nil, fmt.Errorf("%s is under the key %q, which this identity does not open", path, id)
	}
	block, err := aes.NewCipher(hkdf(key, rest[:32], "firebreak vault "+context, 32))
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	var plain []byte
	for index, body := uint64(0), rest[32:]; ; index++ {
		last := len(body) <= chunk
		nonce := make([]byte, 12)
		binary.BigEndian.PutUint64(nonce[3:11], index)
		piece := body
		if last {
			nonce[11] = 1
		} else {
			piece = body[:chunk]
		}
		plain, err = gcm.Open(plain, nonce, piece, nil)
		if err != nil {
			return nil, fmt.Errorf("%s does not open at chunk %d", path, index)
		}
		if last {
			return plain, nil
		}
		body = body[chunk:]
	}
}

// RFC 5869, for at most 32 bytes.
func hkdf(key, salt []byte, info string, length int) []byte {
	if salt == nil {
		salt = make([]byte, sha256.Size)
	}
	extract := hmac.New(sha256.New, salt)
	extract.Write(key)
	expand := hmac.New(sha256.New, extract.Sum(nil))
	expand.Write([]byte(info))
	expand.Write([]byte{1})
	return expand.Sum(nil)[:length]
}

// C2SP signed-note: `name+id+base64`, where the base64 is the byte 1 and the key.
func publicKey(signer string) (ed25519.PublicKey, error) {
	parts := strings.SplitN(signer, "+", 3)
	if len(parts) == 3 {
		typed, err := base64.StdEncoding.DecodeString(parts[2])
		if err == nil && len(typed) == 33 && typed[0] == 1 {
			return ed25519.PublicKey(typed[1:]), nil
		}
	}
	return nil, fmt.Errorf("this is no signer")
}

func signed(text, line, signer string, public ed25519.PublicKey) bool {
	parts := strings.SplitN(signer, "+", 3)
	body := strings.TrimPrefix(line, "— "+parts[0]+" ")
	if body == line || !strings.HasSuffix(body, "\n") {
		return false
	}
	signature, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(body, "\n"))
	if err != nil || len(signature) != 4+ed25519.SignatureSize || hex.EncodeToString(signature[:4]) != parts[1] {
		return false
	}
	return ed25519.Verify(public, []byte(text), signature[4:])
}
