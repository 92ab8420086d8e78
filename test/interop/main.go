// Command interop lets public Go implementations of transparency logs look at what this ledger makes:
// golang.org/x/mod/sumdb (notes, trees), filippo.io/torchwood (tiles, proofs, policies, cosignatures) and
// github.com/transparency-dev/tessera (fsck). interop.spec.ts builds and runs it on loopback.
package main

import (
	"fmt"
	"os"
)

func main() {
	commands := map[string]func([]string) error{
		"open":     open,
		"tiles":    tiles,
		"fsck":     check,
		"proof":    proof,
		"makelog":  makeLog,
		"cosigned": cosigned,
		"agent":    serveAgent,
		"addlog":   addLog,
	}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: interop open|tiles|fsck|proof|makelog|cosigned|agent|addlog ...")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
