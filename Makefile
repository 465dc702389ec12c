# A few go commands under a name. Everything works without make too.

.PHONY: check golden fuzz soak bench man

# What a change must pass; .ci/run does the same and more on a fresh machine.
check:
	test -z "$$(gofmt -l .)" && go vet ./... && go test ./...

# Write all expected output anew. Read the diff before you commit it.
golden:
	@for p in $$(grep -lr '"tcptrace/internal/testfiles"' --include='*_test.go' . | xargs -n1 dirname | sort -u); do \
		echo "$$p"; go test "$$p" -update || exit 1; done

# Every fuzzer for FUZZTIME, one after the other.
FUZZTIME ?= 1m
fuzz:
	@grep -ro '^func Fuzz[A-Za-z0-9]*' --include='*_test.go' . | sed 's|/[^/]*:func | |' | while read -r dir name; do \
		echo "$$dir $$name"; go test "$$dir" -run '^$$' -fuzz "^$$name$$" -fuzztime $(FUZZTIME) || exit 1; done

# SOAKTIME of sessions that come and go, through live: its memory must not grow.
SOAKTIME ?= 1h
soak:
	TCPTRACE_SOAK=$(SOAKTIME) go test ./cmd/tcptrace -run TestSoak -v -timeout 0

# tcptrace beside tcpdump and the older tcptrace (ARGS=-tshark: tshark too), on generated captures in .bench/.
bench:
	go run .ci/bench.go $(ARGS)

# Man pages into dist/man.
man:
	go run ./cmd/tcptrace docs man dist/man
