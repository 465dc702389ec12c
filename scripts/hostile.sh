#!/bin/sh
# Runs `tcptrace report` as a process of its own over every malformed capture of the corpus and measures it:
# no file may cost more than 1 s of processor time or 64 MiB of resident memory, end in a Go trace, or with an exit
# code that damaged input cannot have. Prints the costliest runs, and each that broke a rule.
#
#   scripts/hostile.sh [FOLDER]     FOLDER is ../shared/corpus/malformed unless given
#
# Needs GNU time. LIMIT_S and LIMIT_KB change the limits.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-../shared/corpus/malformed}
[ -d "$folder" ] || { echo "hostile.sh: $folder is not here; nothing measured" >&2; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/tcptrace" ./cmd/tcptrace
find "$folder" -type f ! -name '*.tsv' | sort >"$work/files"
while IFS= read -r file; do
	for how in '' '--format json' '--summary --format json'; do
		code=0
		# shellcheck disable=SC2086 # $how is words
		env time -q -o "$work/cost" -f '%U %S %M' "$work/tcptrace" report "$file" $how >/dev/null 2>"$work/errors" </dev/null || code=$?
		trace=0
		if grep -Eq 'goroutine [0-9]|^panic:' "$work/errors"; then trace=1; fi
		echo "$(cat "$work/cost") $code $trace ${file#"$folder"/} $how"
	done
done <"$work/files" >"$work/all"
awk -v s="${LIMIT_S:-1}" -v kb="${LIMIT_KB:-65536}" '
	$1 + $2 > s || $3 > kb || $5 || $4 !~ /^[0236]$/ { print "BROKEN: " $0; bad++ }
	END { print NR " runs, " bad + 0 " broke a rule"; exit bad > 0 }' "$work/all" || bad=1
echo "most processor time (user, system, KiB, exit code, trace, file):"
sort -k1,1nr "$work/all" | head -n 5
echo "most memory:"
sort -k3,3nr "$work/all" | head -n 5
exit "${bad:-0}"
