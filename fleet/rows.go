package fleet

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"tcptrace/sessions"
)

// Schema is the form of parts and rows; it changes when they do, and parts of another are made anew.
const Schema = "tcptrace-fleet/1"

// A Row is one session: Zeek's names where the meaning is the same, with _ for dots. Times are nanoseconds, what is not known is null.
type Row struct {
	Ring        string  `json:"ring"`
	File        string  `json:"file"` // that its first packet is in
	UID         string  `json:"uid"`
	CommunityID string  `json:"community_id"`
	TS          *int64  `json:"ts"` // ns since 1970
	Duration    int64   `json:"duration_ns"`
	OrigH       string  `json:"id_orig_h"`
	OrigP       uint16  `json:"id_orig_p"`
	RespH       string  `json:"id_resp_h"`
	RespP       uint16  `json:"id_resp_p"`
	OrigL2      *string `json:"orig_l2_addr"`
	RespL2      *string `json:"resp_l2_addr"`
	Board       *string `json:"board"`
	Firmware    *string `json:"firmware"`
	AP          *string `json:"ap"`
	RoleFrom    string  `json:"role_from"`

	OrigPkts   int64  `json:"orig_pkts"`
	RespPkts   int64  `json:"resp_pkts"`
	OrigBytes  int64  `json:"orig_bytes"`
	RespBytes  int64  `json:"resp_bytes"`
	Missed     int64  `json:"missed_bytes"`
	RepeatedO  int64  `json:"orig_retransmitted"`
	RepeatedR  int64  `json:"resp_retransmitted"`
	SpuriousO  int64  `json:"orig_spurious"`
	SpuriousR  int64  `json:"resp_spurious"`
	ZeroO      int64  `json:"orig_zero_windows"`
	ZeroR      int64  `json:"resp_zero_windows"`
	ConnState  string `json:"conn_state"`
	History    string `json:"history"`
	End        string `json:"end"`
	ClosedBy   string `json:"closed_first"`
	SYNs       int64  `json:"syns"`
	Handshake  *int64 `json:"handshake_rtt_ns"`
	StackO     string `json:"orig_stack"`
	StackR     string `json:"resp_stack"`
	EchoN      int64  `json:"echo_n"`
	EchoP50    *int64 `json:"echo_p50_ns"`
	EchoP95    *int64 `json:"echo_p95_ns"`
	EchoP99    *int64 `json:"echo_p99_ns"`
	EchoMax    *int64 `json:"echo_max_ns"`
	Unanswered int64  `json:"echo_unanswered_bytes"`

	Beats    int64    `json:"cadence_beats"`
	Period   *int64   `json:"period_p50_ns"`
	DriftPPM *float64 `json:"drift_ppm"`
	Jitter   *int64   `json:"jitter_ns"`
	Skipped  int64    `json:"missed"`
	Bunched  int64    `json:"bunched"`

	FirstFrame int64    `json:"frame_first"` // in the ring
	LastFrame  int64    `json:"frame_last"`
	Score      float64  `json:"score"`
	Findings   []string `json:"findings"` // codes
	Aside      bool     `json:"-"`
}

// orNil is a pointer to a value that is known.
func orNil[T any](known bool, v T) *T {
	if !known {
		return nil
	}
	return &v
}

// rowOf makes the row of a session that is complete.
func rowOf(s *sessions.Session, ring, file string) *Row {
	c, v := sessions.Client, sessions.Server
	r := &Row{Ring: ring, File: file, UID: s.UID.String(), CommunityID: communityID(s.Client, s.Server), TS: orNil(!s.Untimed, s.FirstTime), Duration: int64(s.Duration),
		OrigH: s.Client.Addr().String(), OrigP: s.Client.Port(), RespH: s.Server.Addr().String(), RespP: s.Server.Port(),
		OrigL2: macOf(s, c), RespL2: macOf(s, v), RoleFrom: s.RoleFrom.String(),
		OrigPkts: s.Packets[c], RespPkts: s.Packets[v], OrigBytes: s.Bytes[c], RespBytes: s.Bytes[v], Missed: s.MissingBytes[c] + s.MissingBytes[v],
		RepeatedO: s.Retransmitted[c], RepeatedR: s.Retransmitted[v], SpuriousO: s.Spurious[c], SpuriousR: s.Spurious[v],
		ZeroO: s.ZeroWindows[c], ZeroR: s.ZeroWindows[v], ConnState: s.ZeekState, History: s.ZeekHistory, End: s.End.String(), SYNs: s.SYNs,
		StackO: s.Endpoint[c].Stack, StackR: s.Endpoint[v].Stack, FirstFrame: s.FirstFrame, LastFrame: s.LastFrame, Score: s.Score(),
		Findings: []string{}, Aside: s.Aside}
	if s.ClosedFirst != sessions.NoSide {
		r.ClosedBy = [...]string{sessions.Client: "orig", sessions.Server: "resp"}[s.ClosedFirst]
	}
	if h := s.Handshake; h != nil && h.HasRTT {
		r.Handshake = orNil(true, int64(h.RTT))
	}
	if e := s.Echo; e != nil {
		n := e.RTT.N > 0
		r.EchoN, r.Unanswered = e.RTT.N, e.UnansweredBytes
		r.EchoP50, r.EchoP95, r.EchoP99, r.EchoMax = orNil(n, int64(e.RTT.P50)), orNil(n, int64(e.RTT.P95)), orNil(n, int64(e.RTT.P99)), orNil(n, int64(e.RTT.Max))
	}
	if d := s.Cadence; d != nil {
		n := d.Period.N > 0
		r.Beats, r.Skipped, r.Bunched = d.Beats, d.Missed, d.Bunched
		r.Period, r.Jitter, r.DriftPPM = orNil(n, int64(d.Period.P50)), orNil(n, int64(d.Jitter)), orNil(d.HasDrift, d.DriftPPM)
	}
	return r
}

// macOf is the hardware address of one end, nil where it was not captured.
func macOf(s *sessions.Session, side sessions.Side) *string {
	return orNil(s.HasMAC[side], net.HardwareAddr(s.MAC[side][:]).String())
}

// Date is the UTC day that a session began on, "" when no packet tells.
func (r *Row) Date() string {
	if r.TS == nil {
		return ""
	}
	return time.Unix(0, *r.TS).UTC().Format(time.DateOnly)
}

// communityID is version 1 of https://github.com/corelight/community-id-spec with seed 0, as Zeek, Suricata and Wireshark have it.
func communityID(a, b netip.AddrPort) string {
	if c := a.Addr().Compare(b.Addr()); c > 0 || c == 0 && a.Port() > b.Port() {
		a, b = b, a
	}
	text := []byte{0, 0}
	text = append(text, a.Addr().AsSlice()...)
	text = append(text, b.Addr().AsSlice()...)
	text = append(text, 6, 0) // TCP
	text = binary.BigEndian.AppendUint16(text, a.Port())
	text = binary.BigEndian.AppendUint16(text, b.Port())
	sum := sha1.Sum(text)
	return "1:" + base64.StdEncoding.EncodeToString(sum[:])
}

// A Found is a finding of a ring.
type Found struct {
	Ring     string             `json:"ring"`
	Code     string             `json:"code"`
	Severity string             `json:"severity"`
	Sessions int                `json:"sessions_n"`
	UIDs     []string           `json:"uids"` // of the first of them
	Frames   []int64            `json:"frames"`
	Numbers  map[string]float64 `json:"numbers"`
	EN       string             `json:"sentence_en"`
	ES       string             `json:"sentence_es"`
}

// A FileRow is what became of one file.
type FileRow struct {
	Ring    string `json:"ring"`
	Path    string `json:"path"`
	Size    int64  `json:"size"`
	Format  string `json:"format"`
	First   *int64 `json:"first_ts"`
	Last    *int64 `json:"last_ts"`
	Packets int64  `json:"packets"`
	TCP     int64  `json:"tcp_packets"`
	Dropped *int64 `json:"kernel_dropped"`
	Gap     int64  `json:"gap_before_ns"` // silence since the file before, where nothing was captured; 0 for none
	Code    string `json:"problem"`       // "", "damaged", "limit", "unreadable", "fault"
	What    string `json:"what"`
	AtByte  *int64 `json:"damaged_at"`
}

// A Group is the digest of the sessions of one day between two hosts.
type Group struct {
	Date   string `json:"date"`
	OrigH  string `json:"id_orig_h"`
	OrigL2 string `json:"orig_l2_addr"`
	RespH  string `json:"id_resp_h"`
	RespL2 string `json:"resp_l2_addr"`
	Digest []byte `json:"digest"` // sessions.Digest, binary
}

// Ends are the two ends of the session.
func (r *Row) Ends() (client, server netip.AddrPort, err error) {
	a, err := netip.ParseAddr(r.OrigH)
	if err != nil {
		return client, server, err
	}
	b, err := netip.ParseAddr(r.RespH)
	return netip.AddrPortFrom(a, r.OrigP), netip.AddrPortFrom(b, r.RespP), err
}
