package bpf

import (
	"net/netip"
	"strconv"
	"strings"

	"tcptrace/words"
)

// A Filter chooses packets by an expression in the language of pcap-filter(7): tcp, udp, sctp, icmp, icmp6, arp,
// rarp, ip, ip6, host, net, port, portrange, src and dst, and, or, not, and parentheses. Addresses and ports are
// numbers; names are not looked up. As in that language "and" and "or" bind equally, from left to right, and an
// identifier without a keyword takes the keywords before it: "tcp port 80 or 443".
type Filter struct {
	text string
	root *test
}

// Error is an expression that cannot be read; At is the byte where it went wrong.
type Error struct {
	Text string
	At   int
	What words.Reason
}

// Reason says where the expression went wrong, and why.
func (e *Error) Reason() words.Reason { return words.FilterWrong(e.Text, e.At+1, e.What) }

// Unwrap gives the Reason.
func (e *Error) Unwrap() error { return e.Reason() }

// Error is Reason in English.
func (e *Error) Error() string { return e.Reason().String() }

// String is the expression as it was given.
func (f *Filter) String() string { return f.text }

// maxText and maxDepth bound what an expression may cost.
const (
	maxText  = 8 << 10
	maxDepth = 100
)

// Parse reads an expression. The empty expression gives a nil Filter, which lets everything pass. The error
// is a *Error.
func Parse(text string) (*Filter, error) {
	p := &parser{text: text}
	if len(text) > maxText {
		return nil, p.fail(0, words.FilterTooLong(maxText))
	}
	p.scan()
	if len(p.tokens) == 0 {
		return nil, nil
	}
	root, err := p.expression(qualifiers{})
	if err != nil {
		return nil, err
	}
	if p.next < len(p.tokens) {
		return nil, p.fail(p.at(), words.FilterUnexpected(p.peek()))
	}
	return &Filter{text: strings.TrimSpace(text), root: root}, nil
}

// A token is one word, number, address, parenthesis or operator.
type token struct {
	text string
	at   int
}

type parser struct {
	text   string
	tokens []token
	next   int
	depth  int
	last   qualifiers // of the last identifier, for one without keywords
}

func (p *parser) fail(at int, what words.Reason) error {
	return &Error{Text: p.text, At: at, What: what}
}

// scan splits the text into tokens.
func (p *parser) scan() {
	for i := 0; i < len(p.text); {
		switch c := p.text[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case c == '(' || c == ')' || c == '!':
			p.tokens = append(p.tokens, token{p.text[i : i+1], i})
			i++
		default:
			end := i
			for end < len(p.text) && !strings.ContainsRune(" \t\r\n()!", rune(p.text[end])) {
				end++
			}
			p.tokens = append(p.tokens, token{p.text[i:end], i})
			i = end
		}
	}
}

// peek is the next token, "" at the end.
func (p *parser) peek() string {
	if p.next < len(p.tokens) {
		return p.tokens[p.next].text
	}
	return ""
}

// at is where the next token stands.
func (p *parser) at() int {
	if p.next < len(p.tokens) {
		return p.tokens[p.next].at
	}
	return len(p.text)
}

// expression reads terms joined by "and" and "or", which bind equally. Identifiers in it that have no keywords
// of their own take those of outer.
func (p *parser) expression(outer qualifiers) (*test, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail(p.at(), words.FilterNested)
	}
	defer func() { p.depth-- }()
	left, err := p.term(outer)
	for err == nil {
		var join func(...*test) *test
		switch p.peek() {
		case "and", "&&":
			join = allOf
		case "or", "||":
			join = anyOf
		default:
			return left, nil
		}
		p.next++
		var right *test
		if right, err = p.term(outer); err == nil {
			left = join(left, right)
		}
	}
	return nil, err
}

// term reads one primitive, a parenthesis, or the negation of either.
func (p *parser) term(outer qualifiers) (*test, error) {
	negate := false
	for p.peek() == "not" || p.peek() == "!" {
		negate = !negate
		p.next++
	}
	t, err := p.positive(outer)
	if err == nil && negate {
		t = &test{kind: testNot, parts: []*test{t}}
	}
	return t, err
}

func (p *parser) positive(outer qualifiers) (*test, error) {
	start := p.at()
	q := p.qualifiers()
	switch {
	case p.peek() == "(":
		p.next++
		if q.given() {
			outer = q
		}
		t, err := p.expression(outer)
		if err != nil {
			return nil, err
		}
		if p.peek() != ")" {
			return nil, p.fail(p.at(), words.FilterParenthesis)
		}
		p.next++
		return t, nil
	case p.isIdentifier():
		if !q.given() {
			if q = outer; !q.given() {
				q = p.last
			}
		}
		p.last = q
		return p.identifier(q)
	case q.proto != "" && q.direction == "" && q.kind == "":
		return protocolTest(q.proto), nil
	case p.peek() == "":
		return nil, p.fail(p.at(), words.FilterEnds)
	case q.given():
		return nil, p.fail(p.at(), words.FilterNeither(p.peek()))
	}
	return nil, p.fail(start, words.FilterWord(p.peek()))
}

// qualifiers are the keywords before an identifier.
type qualifiers struct {
	proto     string // "" for any that fits
	direction string // "src", "dst", "src and dst", "" for either
	kind      string // "host", "net", "port", "portrange"; "" for host
}

func (q qualifiers) given() bool { return q != qualifiers{} }

// qualifiers reads keywords in their order: protocol, direction, kind.
func (p *parser) qualifiers() (q qualifiers) {
	switch w := p.peek(); w {
	case "tcp", "udp", "sctp", "icmp", "icmp6", "arp", "rarp", "ip", "ip6":
		q.proto = w
		p.next++
	}
	if w := p.peek(); w == "src" || w == "dst" {
		q.direction = w
		p.next++
		q.direction = p.bothDirections(w)
	}
	switch w := p.peek(); w {
	case "host", "net", "port", "portrange":
		q.kind = w
		p.next++
	}
	return q
}

// bothDirections reads the rest of "src or dst" and "src and dst".
func (p *parser) bothDirections(first string) string {
	if p.next+1 >= len(p.tokens) {
		return first
	}
	join, second := p.tokens[p.next].text, p.tokens[p.next+1].text
	if second == first || second != "src" && second != "dst" {
		return first
	}
	switch join {
	case "or", "||":
		p.next += 2
		return "src or dst"
	case "and", "&&":
		p.next += 2
		return "src and dst"
	}
	return first
}

// isIdentifier reports whether the next token is a number or an address.
func (p *parser) isIdentifier() bool {
	w := p.peek()
	return w != "" && (w[0] >= '0' && w[0] <= '9' || strings.Contains(w, ":"))
}

// identifier reads the number or address after its keywords.
func (p *parser) identifier(q qualifiers) (*test, error) {
	at, word := p.at(), p.peek()
	p.next++
	switch q.kind {
	case "port", "portrange":
		from, to, wrong := ports(word, q.kind == "portrange")
		if wrong != (words.Reason{}) {
			return nil, p.fail(at, wrong)
		}
		switch q.proto {
		case "", "tcp", "udp", "sctp":
			return portTest(q, from, to), nil
		}
		return nil, p.fail(at, words.FilterNoPorts(q.proto))
	}
	network, wrong := p.network(word, q.kind == "net")
	if wrong != (words.Reason{}) {
		return nil, p.fail(at, wrong)
	}
	switch v6 := network.Addr().Is6(); {
	case q.proto == "" || q.proto == "ip" && !v6 || q.proto == "ip6" && v6 || (q.proto == "arp" || q.proto == "rarp") && !v6:
		return addressTest(q, network), nil
	}
	return nil, p.fail(at, words.FilterNoAddress(q.proto, word))
}

// ports reads a port or a range of them; a range may stand backwards.
func ports(word string, isRange bool) (from, to uint16, wrong words.Reason) {
	low, high, found := strings.Cut(word, "-")
	if isRange && !found {
		high = low
	} else if !isRange {
		if found {
			return 0, 0, words.FilterRange(word)
		}
		high = low
	}
	a, err1 := strconv.ParseUint(low, 10, 16)
	b, err2 := strconv.ParseUint(high, 10, 16)
	if err1 != nil || err2 != nil {
		return 0, 0, words.FilterPort(word)
	}
	return uint16(min(a, b)), uint16(max(a, b)), wrong
}

// network reads an address, or with isNet a network: 10.0.0.0/8, 10, 192.168.1, or with "mask" behind it.
func (p *parser) network(word string, isNet bool) (n netip.Prefix, wrong words.Reason) {
	if !isNet {
		a, err := netip.ParseAddr(word)
		if err != nil || a.Zone() != "" {
			return n, words.FilterAddress(word)
		}
		return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), wrong
	}
	address, bits, hasBits := strings.Cut(word, "/")
	dots := strings.Count(address, ".")
	if !strings.Contains(address, ":") {
		address += strings.Repeat(".0", max(3-dots, 0))
	}
	a, err := netip.ParseAddr(address)
	if err != nil || a.Zone() != "" {
		return n, words.FilterNetwork(word)
	}
	length := a.BitLen()
	if a.Is4() {
		length = 8 * (dots + 1)
	}
	if hasBits {
		if length, err = strconv.Atoi(bits); err != nil {
			return n, words.FilterNetwork(word)
		}
	} else if p.peek() == "mask" && a.Is4() {
		p.next++
		if length, wrong = maskLength(p.peek()); wrong != (words.Reason{}) {
			return n, wrong
		}
		p.next++
	}
	n = netip.PrefixFrom(a, length)
	switch {
	case !n.IsValid():
		return n, words.FilterNetwork(word)
	case n.Masked() != n:
		return n, words.FilterBits(word, n.Masked().String())
	}
	return n, wrong
}

// maskLength turns 255.255.255.0 into 24.
func maskLength(word string) (length int, wrong words.Reason) {
	m, err := netip.ParseAddr(word)
	if err != nil || !m.Is4() {
		return 0, words.FilterMask(word)
	}
	ended := false
	for _, b := range m.As4() {
		for bit := 7; bit >= 0; bit-- {
			set := b>>bit&1 == 1
			if set && ended {
				return 0, words.FilterHoles(word)
			}
			if set {
				length++
			} else {
				ended = true
			}
		}
	}
	return length, wrong
}
