// Command generate writes one of the large captures that measurements are made on:
//
//	go run ./sessions/sessionstest/generate -workload notebook -o notebook.pcap
//	go run ./sessions/sessionstest/generate -workload notebook -times 10 -o long.pcap
package main

import (
	"flag"
	"fmt"
	"os"

	"tcptrace/sessions/sessionstest"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run writes the capture that the flags describe.
func run() error {
	name := flag.String("workload", "notebook", "notebook, bulk, halfopen or islands")
	times := flag.Int("times", 1, "make it as many times as long")
	seed := flag.Uint64("seed", 0, "another seed than the preset's")
	out := flag.String("o", "", "file to write")
	flag.Parse()
	o, err := sessionstest.Named(*name)
	if err != nil {
		return err
	}
	if *out == "" || *times < 1 || flag.NArg() > 0 {
		return fmt.Errorf("usage: generate -workload NAME [-times N] [-seed N] -o FILE")
	}
	if *seed != 0 {
		o.Seed = *seed
	}
	f, err := os.Create(*out)
	if err != nil {
		return err
	}
	if err := sessionstest.Generate(f, o.Times(*times)); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
