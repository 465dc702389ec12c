// Command generate writes one of the large captures that measurements are made on:
//
//	go run ./sessions/sessionstest/generate -workload notebook -o notebook.pcap
//	go run ./sessions/sessionstest/generate -workload notebook -times 10 -o long.pcap
//	go run ./sessions/sessionstest/generate -packets 100000 -sessions 8 -concurrent 4 -o page.pcap
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
	packets := flag.Int("packets", 0, "so many packets; the preset's without")
	sessions := flag.Int("sessions", 0, "so many sessions")
	concurrent := flag.Int("concurrent", 0, "so many of them at once")
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
	for _, set := range []struct {
		from int
		to   *int
	}{{*packets, &o.Packets}, {*sessions, &o.Sessions}, {*concurrent, &o.Concurrent}} {
		if set.from > 0 {
			*set.to = set.from
		}
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
