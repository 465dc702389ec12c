package data

import (
	"strconv"

	"tcptrace/sessions"
)

// The objects of report.md, their members in its order.

func (e *jsonBuffer) capture(c *sessions.Capture) {
	e.raw("{")
	e.str("file", c.File)
	e.str("format", c.Format)
	e.strs("link_types", c.LinkTypes)
	e.int("packets", c.Packets)
	e.int("tcp_packets", c.TCPPackets)
	e.int("watched_packets", c.Watched)
	e.clock("first_time", c.FirstTime, c.HasTimes)
	e.clock("last_time", c.LastTime, c.HasTimes)
	e.seconds("duration_s", c.LastTime-c.FirstTime, c.HasTimes)
	e.known("kernel_dropped", c.KernelDropped, c.HasKernelDropped)
	e.int("duplicates", c.Copies)
	e.int("fragments", c.Fragments)
	e.int("undecoded", c.Undecoded)
	e.int("not_tcp", c.NotTCP)
	e.int("truncated_packets", c.Truncated)
	e.key("damaged")
	if c.Damage == nil {
		e.raw("null}")
		return
	}
	e.raw("{")
	e.int("at_packet", c.Damage.AtPacket)
	e.int("offset", c.Damage.Offset)
	e.str("what", c.Damage.What)
	e.raw("}}")
}

func (e *jsonBuffer) session(x *sessions.Session, c *sessions.Capture, noSamples bool) {
	hasTime := x.Timed(c)
	e.raw("{")
	e.int("id", int64(x.ID))
	e.endpoint("client", x.Client)
	e.endpoint("server", x.Server)
	e.str("role_from", x.RoleFrom.String())
	e.int("first_frame", x.FirstFrame)
	e.seconds("first_time_s", x.FirstTime-c.FirstTime, hasTime)
	e.seconds("duration_s", int64(x.Duration), hasTime && !x.Untimed)
	e.pair("packets", x.Packets)
	e.pair("bytes", x.Bytes)
	e.pair("data_segments", x.DataSegments)
	e.pair("retransmitted", x.Retransmitted)
	e.pair("spurious", x.Spurious)
	e.pair("out_of_order", x.OutOfOrder)
	e.pair("duplicate_acks", x.DuplicateACKs)
	e.pair("zero_windows", x.ZeroWindows)
	e.pair("keep_alives", x.KeepAlives)
	e.pair("missing_bytes", x.MissingBytes)
	e.int("syns", x.SYNs)
	e.handshake(x.Handshake)
	e.states(x.States)
	e.str("end", x.End.String())
	e.side("closed_first", x.ClosedFirst)
	e.int("completeness", int64(x.Completeness))
	e.str("zeek_state", x.ZeekState)
	e.str("zeek_history", x.ZeekHistory)
	e.endpoints(&x.Endpoint)
	e.key("ack_rtt")
	e.raw("[")
	e.stats(&x.ACKRTT[sessions.Client])
	e.raw(",")
	e.stats(&x.ACKRTT[sessions.Server])
	e.raw("]")
	e.echo(x.Echo, c.FirstTime, noSamples)
	e.cadence(x.Cadence, c.FirstTime, noSamples)
	e.raw("}")
}

func (e *jsonBuffer) handshake(h *sessions.Handshake) {
	e.key("handshake")
	if h == nil {
		e.raw("null")
		return
	}
	e.raw("{")
	e.known("syn_frame", h.SYNFrame, h.SYNFrame > 0)
	e.known("synack_frame", h.SYNACKFrame, h.SYNACKFrame > 0)
	e.known("ack_frame", h.ACKFrame, h.ACKFrame > 0)
	e.seconds("rtt_s", int64(h.RTT), h.HasRTT)
	e.bool("complete", h.Complete)
	e.raw("}")
}

// states appends both states; what the capture cannot tell is unknown.
func (e *jsonBuffer) states(s sessions.Pair[sessions.State]) {
	e.key("states")
	e.raw("[")
	for _, state := range s {
		e.comma()
		if state == sessions.Undetermined {
			e.raw("null")
		} else {
			e.quoted(state.String())
		}
	}
	e.raw("]")
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

func (e *jsonBuffer) side(name string, s sessions.Side) { e.str(name, sideName(s)) }

func (e *jsonBuffer) endpoints(p *sessions.Pair[sessions.Fingerprint]) {
	e.key("endpoint")
	e.raw("[")
	for i := range p {
		e.comma()
		e.raw("{")
		e.str("stack", p[i].Stack)
		e.int("score", int64(p[i].Score))
		e.strs("why", p[i].Why)
		e.raw("}")
	}
	e.raw("]")
}

func (e *jsonBuffer) echo(x *sessions.Echo, base int64, noSamples bool) {
	e.key("echo")
	if x == nil {
		e.raw("null")
		return
	}
	e.raw("{")
	e.key("prefix") // the empty prefix is a prefix
	e.quoted(x.Prefix)
	e.int("requests", x.Requests)
	e.int("replies", x.Replies)
	e.int("matched", x.Matched)
	e.int("unanswered_bytes", x.UnansweredBytes)
	if !noSamples {
		e.chunks(x.Samples)
	}
	e.statsOf("rtt", &x.RTT)
	if !noSamples {
		e.samples(x.Samples, base)
		if x.SamplesLeftOut > 0 {
			e.int("samples_left_out", x.SamplesLeftOut)
		}
	}
	e.raw("}")
}

func (e *jsonBuffer) chunks(samples []sessions.EchoSample) {
	e.key("chunks")
	e.raw("[")
	for i := range samples {
		e.comma()
		*e = strconv.AppendInt(*e, int64(samples[i].Bytes), 10)
	}
	e.raw("]")
}

func (e *jsonBuffer) samples(samples []sessions.EchoSample, base int64) {
	e.key("samples")
	e.raw("[")
	for i := range samples {
		s := &samples[i]
		e.comma()
		e.raw("{")
		e.int("request_frame", s.RequestFrame)
		e.int("reply_frame", s.ReplyFrame)
		e.seconds("sent_s", s.Sent-base, true)
		e.seconds("rtt_s", int64(s.RTT), true)
		e.int("bytes", int64(s.Bytes))
		e.raw("}")
	}
	e.raw("]")
}

func (e *jsonBuffer) cadence(x *sessions.Cadence, base int64, noSamples bool) {
	e.key("cadence")
	if x == nil {
		e.raw("null")
		return
	}
	e.raw("{")
	e.side("sender", x.Sender)
	e.int("beats", x.Beats)
	e.statsOf("period", &x.Period)
	e.float("drift_ppm", x.DriftPPM, x.HasDrift)
	e.seconds("jitter_s", int64(x.Jitter), x.Period.N > 0)
	e.int("missed", x.Missed)
	e.int("bunched", x.Bunched)
	if !noSamples {
		e.key("times_s")
		e.raw("[")
		for _, t := range x.Times {
			e.comma()
			*e = appendSeconds(*e, t-base)
		}
		e.raw("]")
		if x.TimesLeftOut > 0 {
			e.int("times_left_out", x.TimesLeftOut)
		}
	}
	e.raw("}")
}

func (e *jsonBuffer) summary(x *sessions.Summary, c *sessions.Capture) {
	e.raw("{")
	e.int("sessions", x.Sessions)
	e.key("ends")
	e.raw("{")
	for end, n := range x.Ends {
		e.int(sessions.End(end).String(), n)
	}
	e.raw("}")
	e.pair("packets", x.Packets)
	e.pair("bytes", x.Bytes)
	e.pair("retransmitted", x.Retransmitted)
	e.statsOf("echo_rtt", &x.EchoRTT)
	e.statsOf("cadence_period", &x.CadencePeriod)
	e.statsOf("ack_rtt", &x.ACKRTT)
	e.key("stand_out")
	e.raw("[")
	for _, s := range x.StandOut {
		e.comma()
		e.raw("\n")
		e.session(s, c, true)
	}
	e.raw("]}")
}
