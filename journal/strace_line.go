package journal

import (
	"strconv"
	"strings"
	"time"
)

// leader is what strace -f -ttt prints before the event of a line.
type leader struct {
	pid   int // 0 when there is none
	start int64
	rest  string
}

// cutLeader takes process id and time off a line; ok is false if what follows is no event of strace.
//
//	12824 1795355204.362516 ioctl(…          strace -f -o FILE
//	[pid 12824] 1795355204.362516 ioctl(…    strace -f
//	1795355204.362516 ioctl(…                strace
func cutLeader(s string) (l leader, ok bool) {
	rest := strings.TrimLeft(s, " ")
	if after, found := strings.CutPrefix(rest, "[pid "); found {
		number, tail, closed := strings.Cut(strings.TrimLeft(after, " "), "] ")
		pid, err := strconv.Atoi(number)
		if !closed || err != nil || pid <= 0 {
			return l, false
		}
		l.pid, rest = pid, strings.TrimLeft(tail, " ")
	} else if number, tail, found := strings.Cut(rest, " "); found && number != "" && len(number) < 9 && digits(number) {
		l.pid, _ = strconv.Atoi(number)
		rest = strings.TrimLeft(tail, " ")
	}
	l.start, l.rest, ok = cutStamp(rest)
	if !ok {
		return l, false
	}
	// strace -i and -n put an address or a number in brackets here.
	for strings.HasPrefix(l.rest, "[") {
		_, tail, found := strings.Cut(l.rest, "] ")
		if !found {
			return l, false
		}
		l.rest = strings.TrimLeft(tail, " ")
	}
	return l, isEvent(l.rest)
}

// isEvent reports whether text begins like a system call, a signal or the end of a process.
func isEvent(s string) bool {
	switch {
	case strings.HasPrefix(s, "+++ "), strings.HasPrefix(s, "--- "):
		return true
	case strings.HasPrefix(s, "<... "):
		return strings.Contains(s, " resumed>")
	}
	name := callName(s)
	return name != "" && len(name) < len(s) && s[len(name)] == '('
}

// callName is the name at the start of s, "" if there is none.
func callName(s string) string {
	end := 0
	for end < len(s) && (s[end] >= 'a' && s[end] <= 'z' || s[end] == '_' || end > 0 && s[end] >= '0' && s[end] <= '9') {
		end++
	}
	return s[:end]
}

// splitArgs splits the arguments of a call at its top-level commas, and returns what follows the closing
// parenthesis; whole is false if there is none.
func splitArgs(s string) (args []string, rest string, whole bool) {
	depth, from := 0, 0
	add := func(end int) {
		if arg := strings.TrimSpace(s[from:end]); arg != "" {
			args = append(args, arg)
		}
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i = endOfQuote(s, i)
		case '<':
			if i > 0 && (s[i-1] >= '0' && s[i-1] <= '9' || s[i-1] == 'D') {
				i = endOfAnnotation(s, i)
			}
		case '(', '[', '{':
			depth++
		case ']', '}':
			depth--
		case ')':
			if depth <= 0 {
				add(i)
				return args, s[i+1:], true
			}
			depth--
		case ',':
			if depth == 0 {
				add(i)
				from = i + 1
			}
		}
	}
	add(len(s))
	return args, "", false
}

// endOfQuote is the index of the quote that ends the string at i, or the last index of s.
func endOfQuote(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(s) - 1
}

// endOfAnnotation is the index of the '>' that ends what -y or -yy says of a descriptor at i, as in
// 3<TCP:[127.0.0.1:4000->127.0.0.1:37110]> and 0</dev/null<char 1:3>>; i itself if nothing ends it.
func endOfAnnotation(s string, i int) int {
	if i+1 < len(s) && s[i+1] == '<' {
		return i + 1 // a shift, as in 1<<CAP_NET_ADMIN
	}
	if kind, _, found := strings.Cut(s[i+1:], ":["); found && kind != "" && strings.Trim(kind, kindLetters) == "" {
		if end := strings.Index(s[i:], "]>"); end >= 0 {
			return i + end + 1
		}
	}
	depth := 0
	for j := i; j < len(s); j++ {
		switch {
		case s[j] == '<':
			depth++
		case s[j] == '>' && s[j-1] != '-':
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return i
}

// kindLetters are those of which annotations such as TCPv6, UNIX-STREAM and anon_inode are made.
const kindLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// descriptor reads "3" or "3<TCP:[…]>"; fd is -1 if s is no descriptor.
func descriptor(s string) (fd int, annotation string) {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	if end == 0 || end > 9 || end < len(s) && s[end] != '<' {
		return -1, ""
	}
	fd, _ = strconv.Atoi(s[:end])
	if end < len(s) {
		annotation = strings.TrimSuffix(s[end+1:], ">")
	}
	return fd, annotation
}

// outcome is what stands behind the closing parenthesis of a call.
type outcome struct {
	known       bool // the call returned to the program
	interrupted bool // a signal interrupted it: ERESTARTSYS and its kin, which programs never see
	value       int64
	errno       string
	annotation  string // of a returned descriptor
	text        string // what stands in parentheses behind the number
	took        time.Duration
	hasTook     bool // strace -T
}

// parseOutcome reads " = 4<TCP:[…]> <0.000020>", " = -1 EAGAIN (Resource temporarily unavailable)",
// " = 1 ([{fd=3, revents=POLLOUT}])", " = ?" and the like.
func parseOutcome(s string) (o outcome, ok bool) {
	s, found := strings.CutPrefix(strings.TrimLeft(s, " "), "=")
	if !found {
		return o, false
	}
	s = strings.TrimSpace(s)
	if cut := strings.LastIndex(s, " <"); cut >= 0 && strings.HasSuffix(s, ">") {
		if took, valid := decimalNanos(s[cut+2 : len(s)-1]); valid {
			o.took, o.hasTook, s = time.Duration(took), true, strings.TrimRight(s[:cut], " ")
		}
	}
	if tail, unknown := strings.CutPrefix(s, "?"); unknown {
		o.interrupted = strings.HasPrefix(strings.TrimSpace(tail), "ERESTART")
		return o, true
	}
	end := strings.IndexAny(s, " <")
	if end < 0 {
		end = len(s)
	}
	value, err := strconv.ParseInt(s[:end], 0, 64)
	if err != nil {
		// ioctl and others may return what does not fit in a signed number.
		if _, err := strconv.ParseUint(s[:end], 0, 64); err != nil {
			return o, false
		}
	}
	o.known, o.value = true, value
	if end < len(s) && s[end] == '<' {
		closes := endOfAnnotation(s, end)
		o.annotation = s[end+1 : max(closes, end+1)]
		end = min(closes+1, len(s))
	}
	tail := strings.TrimSpace(s[end:])
	if value == -1 && tail != "" {
		name, _, _ := strings.Cut(tail, " ")
		if strings.HasPrefix(name, "E") {
			o.errno = errnoSpelling(name)
		} else {
			o.errno = errnoSpelling(strings.Trim(strings.TrimPrefix(tail, "(errno "), "()"))
		}
	}
	if open := strings.IndexByte(tail, '('); open >= 0 && strings.HasSuffix(tail, ")") {
		o.text = tail[open+1 : len(tail)-1]
	}
	return o, true
}
