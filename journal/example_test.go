package journal_test

import (
	"fmt"
	"os"

	"tcptrace/journal"
)

// The kind of a journal is told by its content. A line that cannot be read is a problem and not an end.
func ExampleRead() {
	f, err := os.Open("../testdata/genuine/table2-nonblocking/strace.client.txt")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	j, err := journal.Read("strace.client.txt", f)
	if err != nil {
		panic(err)
	}
	fmt.Println(j.Kind, len(j.Entries), "calls,", len(j.Problems), "problems")
	for _, e := range j.Entries[:5] {
		if e.Failed() {
			fmt.Println(e.Args, e.Errno)
		} else {
			fmt.Println(e.Args, e.Value)
		}
	}
	// Output:
	// strace 22 calls, 0 problems
	// socket(AF_INET, SOCK_STREAM) 3
	// setblocking(False) 0
	// connect(("127.0.0.1", 4000)) EINPROGRESS
	// poll(POLLOUT) 1
	// getsockopt(SO_ERROR) 0
}
