package data

import (
	"net"
	"net/netip"
	"time"

	"tcptrace/sessions"
)

// A field is one thing that is told of a session. The list of fields drives the JSON's order, the columns of
// sessions.csv and the table in docs/report.md: a new counter is one line here.
type field struct {
	name  string // in JSON; in CSV behind the group's name
	group *group // the object that it stands in
	doc   string
	put   func(v value, x *sessions.Session, c *sessions.Capture)
}

// A value takes what a field says. What is unknown is null in JSON and empty in CSV.
type value interface {
	integer(v int64, known bool)
	integers(v sessions.Pair[int64])               // [client, server]; two columns
	integersIf(v sessions.Pair[int64], known bool) // null as a whole when unknown
	secondsIf(v sessions.Pair[time.Duration], known bool)
	text(v string)             // null when empty
	endpoint(v netip.AddrPort) // null when there is none
	texts(v sessions.Pair[string])
	quoted(v string) // never null
	flag(v bool)
	seconds(ns int64, known bool)
	clock(ns int64, known bool)
	decimal(v float64, known bool)
	stats(v *sessions.Stats)
	statsPair(v *sessions.Pair[sessions.Stats])
	range64(from, to int64)
}

// A group is an object in a session that holds fields. Without what it is about the object is null.
type group struct {
	name string // "" for the session itself
	has  func(*sessions.Session) bool
}

// The groups.
var (
	ofSession   = &group{"", func(*sessions.Session) bool { return true }}
	ofHandshake = &group{"handshake", func(x *sessions.Session) bool { return x.Handshake != nil }}
	ofEcho      = &group{"echo", func(x *sessions.Session) bool { return x.Echo != nil }}
	ofCadence   = &group{"cadence", func(x *sessions.Session) bool { return x.Cadence != nil }}
)

// counter is a field that a session has once per side.
func counter(name, doc string, of func(*sessions.Session) sessions.Pair[int64]) field {
	return field{name, ofSession, doc, func(v value, x *sessions.Session, _ *sessions.Capture) { v.integers(of(x)) }}
}

// sessionFields are the fields of a session, in the order of the JSON.
var sessionFields = []field{
	{"id", ofSession, "number in the capture, from 1, by first frame", func(v value, x *sessions.Session, _ *sessions.Capture) { v.integer(int64(x.ID), true) }},
	{"uid", ofSession, "16 hexadecimal digits that name the session in every capture that holds its first packet", func(v value, x *sessions.Session, _ *sessions.Capture) { v.quoted(x.UID.String()) }},
	{"client", ofSession, "end point", func(v value, x *sessions.Session, _ *sessions.Capture) { v.endpoint(x.Client) }},
	{"server", ofSession, "end point", func(v value, x *sessions.Session, _ *sessions.Capture) { v.endpoint(x.Server) }},
	{"mac", ofSession, "hardware addresses of their first packets", func(v value, x *sessions.Session, _ *sessions.Capture) { v.texts(macs(x)) }},
	{"role_from", ofSession, "what told the client: syn, syn-ack, port, order", func(v value, x *sessions.Session, _ *sessions.Capture) { v.text(x.RoleFrom.String()) }},
	{"first_frame", ofSession, "frame of the first packet", func(v value, x *sessions.Session, _ *sessions.Capture) { v.integer(x.FirstFrame, true) }},
	{"last_frame", ofSession, "frame of the last packet", func(v value, x *sessions.Session, _ *sessions.Capture) { v.integer(x.LastFrame, true) }},
	{"offset", ofSession, "bytes from the beginning of the unpacked file to the records of the first and the last packet", func(v value, x *sessions.Session, _ *sessions.Capture) { v.range64(x.FirstOffset, x.LastOffset) }},
	{"ts", ofSession, "time of day of the first packet", func(v value, x *sessions.Session, c *sessions.Capture) { v.clock(x.FirstTime, x.Timed(c)) }},
	{"first_time_s", ofSession, "since the capture's first packet", func(v value, x *sessions.Session, c *sessions.Capture) {
		v.seconds(x.FirstTime-c.FirstTime, x.Timed(c))
	}},
	{"duration_s", ofSession, "from the first to the last packet", func(v value, x *sessions.Session, c *sessions.Capture) {
		v.seconds(int64(x.Duration), x.Timed(c) && !x.Untimed)
	}},
	counter("packets", "frames, copies included", func(x *sessions.Session) sessions.Pair[int64] { return x.Packets }),
	counter("bytes", "each payload byte once", func(x *sessions.Session) sessions.Pair[int64] { return x.Bytes }),
	counter("data_segments", "segments with payload", func(x *sessions.Session) sessions.Pair[int64] { return x.DataSegments }),
	counter("retransmitted", "segments with bytes already seen", func(x *sessions.Session) sessions.Pair[int64] { return x.Retransmitted }),
	counter("spurious", "of them, those whose first copy had arrived", func(x *sessions.Session) sessions.Pair[int64] { return x.Spurious }),
	counter("out_of_order", "segments that fill a hole earlier than a retransmission could", func(x *sessions.Session) sessions.Pair[int64] { return x.OutOfOrder }),
	counter("duplicate_acks", "pure ACKs that repeat the one before", func(x *sessions.Session) sessions.Pair[int64] { return x.DuplicateACKs }),
	counter("zero_windows", "segments that offer no window", func(x *sessions.Session) sessions.Pair[int64] { return x.ZeroWindows }),
	counter("keep_alives", "keep-alive probes", func(x *sessions.Session) sessions.Pair[int64] { return x.KeepAlives }),
	counter("missing_bytes", "bytes that were sent and never captured", func(x *sessions.Session) sessions.Pair[int64] { return x.MissingBytes }),
	{"lost", ofSession, "copies that reached nobody; null where the segments of the session were not all kept", func(v value, x *sessions.Session, _ *sessions.Capture) {
		v.integersIf(x.Lost, x.Settled())
	}},
	{"near_s", ofSession, "from each end to the capture point, one way, at most; 0 at the end where the capture was made; null like `lost`", func(v value, x *sessions.Session, _ *sessions.Capture) {
		v.secondsIf(x.Near(), x.Settled())
	}},
	{"syns", ofSession, "SYNs without ACK", func(v value, x *sessions.Session, _ *sessions.Capture) { v.integer(x.SYNs, true) }},
	{"syn_frame", ofHandshake, "", func(v value, x *sessions.Session, _ *sessions.Capture) {
		v.integer(x.Handshake.SYNFrame, x.Handshake.SYNFrame > 0)
	}},
	{"synack_frame", ofHandshake, "", func(v value, x *sessions.Session, _ *sessions.Capture) {
		v.integer(x.Handshake.SYNACKFrame, x.Handshake.SYNACKFrame > 0)
	}},
	{"ack_frame", ofHandshake, "", func(v value, x *sessions.Session, _ *sessions.Capture) {
		v.integer(x.Handshake.ACKFrame, x.Handshake.ACKFrame > 0)
	}},
	{"rtt_s", ofHandshake, "from the SYN to the ACK that completes", func(v value, x *sessions.Session, _ *sessions.Capture) {
		v.seconds(int64(x.Handshake.RTT), x.Handshake.HasRTT)
	}},
	{"complete", ofHandshake, "all three segments were captured, in order", func(v value, x *sessions.Session, _ *sessions.Capture) { v.flag(x.Handshake.Complete) }},
	{"states", ofSession, "at the end of the capture", func(v value, x *sessions.Session, _ *sessions.Capture) { v.texts(states(x.States)) }},
	{"end", ofSession, "fin, rst, open, refused, no-answer", func(v value, x *sessions.Session, _ *sessions.Capture) { v.text(x.End.String()) }},
	{"closed_first", ofSession, "sender of the first FIN or RST; null also when each left before the other had arrived", func(v value, x *sessions.Session, _ *sessions.Capture) { v.text(sideName(x.ClosedFirst)) }},
	{"completeness", ofSession, "Wireshark's tcp.completeness", func(v value, x *sessions.Session, _ *sessions.Capture) { v.integer(int64(x.Completeness), true) }},
	{"zeek_state", ofSession, "Zeek's conn_state", func(v value, x *sessions.Session, _ *sessions.Capture) { v.text(x.ZeekState) }},
	{"zeek_history", ofSession, "Zeek's history", func(v value, x *sessions.Session, _ *sessions.Capture) { v.text(x.ZeekHistory) }},
	{"stack", ofSession, "lwip-pico, linux, windows", func(v value, x *sessions.Session, _ *sessions.Capture) {
		v.texts(sessions.Pair[string]{x.Endpoint[0].Stack, x.Endpoint[1].Stack})
	}},
	{"ack_rtt", ofSession, "from a segment of the side to its ACK, after Karn", func(v value, x *sessions.Session, _ *sessions.Capture) {
		v.statsPair(&x.ACKRTT)
	}},
	{"prefix", ofEcho, "what stands before the echoed bytes", func(v value, x *sessions.Session, _ *sessions.Capture) { v.quoted(x.Echo.Prefix) }},
	{"requests", ofEcho, "segments with new request bytes", func(v value, x *sessions.Session, _ *sessions.Capture) { v.integer(x.Echo.Requests, true) }},
	{"replies", ofEcho, "prefixes found", func(v value, x *sessions.Session, _ *sessions.Capture) { v.integer(x.Echo.Replies, true) }},
	{"matched", ofEcho, "of them, those with the request's next bytes", func(v value, x *sessions.Session, _ *sessions.Capture) { v.integer(x.Echo.Matched, true) }},
	{"unanswered_bytes", ofEcho, "", func(v value, x *sessions.Session, _ *sessions.Capture) { v.integer(x.Echo.UnansweredBytes, true) }},
	{"rtt", ofEcho, "from the request's last byte to the reply's last byte", func(v value, x *sessions.Session, _ *sessions.Capture) { v.stats(&x.Echo.RTT) }},
	{"sender", ofCadence, "client or server", func(v value, x *sessions.Session, _ *sessions.Capture) { v.text(sideName(x.Cadence.Sender)) }},
	{"beats", ofCadence, "messages", func(v value, x *sessions.Session, _ *sessions.Capture) { v.integer(x.Cadence.Beats, true) }},
	{"period", ofCadence, "from one message to the next", func(v value, x *sessions.Session, _ *sessions.Capture) { v.stats(&x.Cadence.Period) }},
	{"steady", ofCadence, "most intervals lie within a tenth of the median", func(v value, x *sessions.Session, _ *sessions.Capture) { v.flag(x.Cadence.Steady) }},
	{"drift_ppm", ofCadence, "least squares on the number of the message; null when not steady", func(v value, x *sessions.Session, _ *sessions.Capture) {
		v.decimal(x.Cadence.DriftPPM, x.Cadence.HasDrift)
	}},
	{"jitter_s", ofCadence, "RFC 3550 A.8", func(v value, x *sessions.Session, _ *sessions.Capture) {
		v.seconds(int64(x.Cadence.Jitter), x.Cadence.Period.N > 0)
	}},
	{"missed", ofCadence, "intervals over 1.5 medians", func(v value, x *sessions.Session, _ *sessions.Capture) { v.integer(x.Cadence.Missed, true) }},
	{"bunched", ofCadence, "intervals under half a median", func(v value, x *sessions.Session, _ *sessions.Capture) { v.integer(x.Cadence.Bunched, true) }},
}

// members are the names of the fields as JSON has them before a value, with a comma in front.
var members = func() (all []string) {
	for _, f := range sessionFields {
		all = append(all, `,"`+f.name+`":`)
	}
	return all
}()

func macs(x *sessions.Session) (p sessions.Pair[string]) {
	for side := range p {
		if m := x.MAC[side]; x.HasMAC[side] {
			p[side] = net.HardwareAddr(m[:]).String()
		}
	}
	return p
}

// states writes both states; what the capture cannot tell is unknown.
func states(s sessions.Pair[sessions.State]) (p sessions.Pair[string]) {
	for side := range p {
		if s[side] != sessions.Undetermined {
			p[side] = s[side].String()
		}
	}
	return p
}

func sideName(s sessions.Side) string {
	switch s {
	case sessions.Client:
		return "client"
	case sessions.Server:
		return "server"
	}
	return ""
}
