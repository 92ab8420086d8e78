package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"filippo.io/torchwood"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// agent <socket>: keeps one new Ed25519 key, as litewitness wants it, until the socket is removed.
func serveAgent(args []string) error {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	keyring := agent.NewKeyring()
	if err := keyring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		return err
	}
	listener, err := net.Listen("unix", args[0])
	if err != nil {
		return err
	}
	fmt.Printf("key %x\n", sha256.Sum256(public))
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go agent.ServeAgent(keyring, connection)
	}
}

// makelog <folder> <origin>: a log made by golang.org/x/mod/sumdb: its vkey and two requests to a witness, the second with a
// consistency proof from the first; and one whose proof does not hold.
func makeLog(args []string) error {
	folder, origin := args[0], args[1]
	skey, vkey, err := note.GenerateKey(rand.Reader, origin)
	if err != nil {
		return err
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		list := make([]tlog.Hash, 0, len(indexes))
		for _, index := range indexes {
			list = append(list, stored[index])
		}
		return list, nil
	})
	grow := func(from, to int64) error {
		for i := from; i < to; i++ {
			hashes, err := tlog.StoredHashes(i, []byte(fmt.Sprintf("record %d", i)), reader)
			if err != nil {
				return err
			}
			stored = append(stored, hashes...)
		}
		return nil
	}
	sign := func(size int64) ([]byte, error) {
		root, err := tlog.TreeHash(size, reader)
		if err != nil {
			return nil, err
		}
		c := torchwood.Checkpoint{Origin: origin, Tree: tlog.Tree{N: size, Hash: root}}
		return note.Sign(&note.Note{Text: c.String()}, signer)
	}
	write := func(name string, content []byte) error {
		return os.WriteFile(filepath.Join(folder, name), content, 0o600)
	}
	const first, second = 37, 300
	if err := grow(0, second); err != nil {
		return err
	}
	one, err := sign(first)
	if err != nil {
		return err
	}
	two, err := sign(second)
	if err != nil {
		return err
	}
	consistency, err := tlog.ProveTree(second, first, reader)
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	fmt.Fprintf(&lines, "old %d\n", first)
	for _, hash := range consistency {
		fmt.Fprintf(&lines, "%s\n", base64.StdEncoding.EncodeToString(hash[:]))
	}
	lines.WriteString("\n")
	return errors.Join(
		write("vkey", []byte(vkey+"\n")),
		write("first", append([]byte("old 0\n\n"), one...)),
		write("second", append(lines.Bytes(), two...)),
		write("unproved", append([]byte(fmt.Sprintf("old %d\n\n", first)), two...)),
	)
}

// cosigned <checkpoint file> <vkey of the log> <vkey of the witness>: torchwood verifies our cosignature.
func cosigned(args []string) error {
	signed, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	log, err := note.NewVerifier(args[1])
	if err != nil {
		return err
	}
	witness, err := torchwood.NewCosignatureVerifier(args[2])
	if err != nil {
		return err
	}
	opened, err := note.Open(signed, note.VerifierList(log, witness))
	if err != nil {
		return err
	}
	if len(opened.Sigs) != 2 {
		return fmt.Errorf("%d of 2 signatures hold", len(opened.Sigs))
	}
	fmt.Println("cosigned")
	return nil
}

// addlog <database> <origin> <vkey>: makes a log known to litewitness, as its own tool would.
func addLog(args []string) error {
	database, err := sqlite.OpenConn(args[0], sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	defer database.Close()
	empty, err := tlog.TreeHash(0, nil)
	if err != nil {
		return err
	}
	const log = "INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)"
	root := base64.StdEncoding.EncodeToString(empty[:])
	if err := sqlitex.Execute(database, log, &sqlitex.ExecOptions{Args: []any{args[1], root}}); err != nil {
		return err
	}
	const key = "INSERT INTO key (origin, key) VALUES (?, ?)"
	return sqlitex.Execute(database, key, &sqlitex.ExecOptions{Args: []any{args[1], args[2]}})
}
