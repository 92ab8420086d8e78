package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"filippo.io/torchwood"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func get(url, bearer string) ([]byte, error) {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	if bearer != "" {
		request.Header.Set("Authorization", "Bearer "+bearer)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered %s", url, response.Status)
	}
	return io.ReadAll(response.Body)
}

func checkpoint(prefix, vkey string) (torchwood.Checkpoint, error) {
	signed, err := get(prefix+"/checkpoint", "")
	if err != nil {
		return torchwood.Checkpoint{}, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return torchwood.Checkpoint{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return torchwood.Checkpoint{}, err
	}
	return torchwood.ParseCheckpoint(opened.Text)
}

// open <prefix> <vkey>: golang.org/x/mod/sumdb/note opens the checkpoint.
func open(args []string) error {
	c, err := checkpoint(args[0], args[1])
	if err != nil {
		return err
	}
	fmt.Printf("%s %d\n", c.Origin, c.N)
	return nil
}

// tiles <prefix> <vkey> <bearer>: sumdb/tlog proves the first, a middle and the last record from the tiles, and that
// every shorter tree tried is a beginning of this one.
func tiles(args []string) error {
	prefix, vkey, bearer := args[0], args[1], args[2]
	c, err := checkpoint(prefix, vkey)
	if err != nil {
		return err
	}
	fetcher, err := torchwood.NewTileFetcher(prefix, torchwood.WithTilePath(torchwood.TilePath))
	if err != nil {
		return err
	}
	hashes := torchwood.TileHashReaderWithContext(context.Background(), c.Tree, fetcher)
	for _, index := range []int64{0, c.N / 2, c.N - 1} {
		record, err := recordAt(prefix, bearer, c.N, index)
		if err != nil {
			return err
		}
		inclusion, err := tlog.ProveRecord(c.N, index, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(inclusion, c.N, c.Hash, index, tlog.RecordHash(record)); err != nil {
			return err
		}
	}
	for _, size := range []int64{1, c.N / 3, c.N - 1} {
		root, err := tlog.TreeHash(size, hashes)
		if err != nil {
			return err
		}
		consistency, err := tlog.ProveTree(c.N, size, hashes)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(consistency, c.N, c.Hash, size, root); err != nil {
			return err
		}
	}
	fmt.Println("tiles", c.N)
	return nil
}

func recordAt(prefix, bearer string, size, index int64) ([]byte, error) {
	width := min(256, size-index/256*256)
	tile := tlog.Tile{H: 8, L: -1, N: index / 256, W: int(width)}
	bundle, err := get(prefix+"/"+torchwood.TilePath(tile), bearer)
	if err != nil {
		return nil, err
	}
	var entry []byte
	for i := int64(0); i <= index%256; i++ {
		if entry, bundle, err = torchwood.ReadTileEntry(bundle); err != nil {
			return nil, err
		}
	}
	return entry, nil
}

// fsck <prefix> <vkey> <bearer>: the checker of transparency-dev/tessera reads the whole log and every tile.
func check(args []string) error {
	prefix, vkey, bearer := args[0], args[1], args[2]
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	root, err := url.Parse(strings.TrimSuffix(prefix, "/") + "/")
	if err != nil {
		return err
	}
	source, err := client.NewHTTPFetcher(root, nil)
	if err != nil {
		return err
	}
	source.SetAuthorizationHeader("Bearer " + bearer)
	checker := fsck.New(verifier.Name(), verifier, source, leafHashes, fsck.Opts{N: 2})
	if err := checker.Check(context.Background()); err != nil {
		return err
	}
	fmt.Println("fsck", verifier.Name())
	return nil
}

func leafHashes(bundle []byte) ([][]byte, error) {
	var entries api.EntryBundle
	if err := entries.UnmarshalText(bundle); err != nil {
		return nil, err
	}
	var hashes [][]byte
	for _, entry := range entries.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(entry))
	}
	return hashes, nil
}

// proof <policy file> <proof file> <record file>: torchwood verifies a receipt by our policy.
func proof(args []string) error {
	var files [3][]byte
	for i := range files {
		content, err := os.ReadFile(args[i])
		if err != nil {
			return err
		}
		files[i] = content
	}
	policy, err := torchwood.ParsePolicy(files[0])
	if err != nil {
		return err
	}
	if err := torchwood.VerifyProof(policy, tlog.RecordHash(files[2]), files[1]); err != nil {
		return err
	}
	if torchwood.VerifyProof(policy, tlog.RecordHash([]byte("another record")), files[1]) == nil {
		return errors.New("the proof holds for another record too")
	}
	fmt.Println("proof")
	return nil
}
