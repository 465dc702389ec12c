package data

import (
	"strconv"

	"tcptrace/sessions"
	"tcptrace/words"
)

// The objects of docs/report.md, their members in its order.

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
	e.int("cut_headers", c.CutHeaders)
	e.key("damaged")
	if c.Damage == nil {
		e.raw("null}")
		return
	}
	e.raw("{")
	e.int("at_packet", c.Damage.AtPacket)
	e.int("offset", c.Damage.Offset)
	e.str("what", c.Damage.What.String())
	e.raw("}}")
}

// line appends one session with the name of its capture, for NDJSON.
func (e *jsonBuffer) line(x *sessions.Session, c *sessions.Capture, o *JSONOptions) {
	e.raw("{")
	e.str("file", c.File)
	from := len(*e)
	e.session(x, c, o)
	(*e)[from] = ',' // the session's brace
	e.raw("\n")
}

// session appends one session: its fields, and what only JSON has room for.
func (e *jsonBuffer) session(x *sessions.Session, c *sessions.Capture, o *JSONOptions) {
	e.raw("{")
	group, has := ofSession, true
	for i := range sessionFields {
		f := &sessionFields[i]
		if f.group != group {
			if has {
				e.endGroup(group, x, c, o)
			}
			group, has = f.group, f.group.has(x)
			e.beginGroup(group, has)
		}
		if !has {
			continue
		}
		if f.name == "stack" {
			e.endpoints(&x.Endpoint)
			continue
		}
		if f.name == "rtt" && group == ofEcho && !o.NoSamples {
			e.chunks(x.Echo.Samples)
		}
		e.member(members[i])
		f.put((*jsonValue)(e), x, c)
	}
	if has {
		e.endGroup(group, x, c, o)
	}
	if o.Table != nil && len(x.Steps) > 0 {
		e.table(o.Table(x), c)
	}
	e.raw("}")
}

// beginGroup opens the object of a group, null for one that a session has not.
func (e *jsonBuffer) beginGroup(g *group, has bool) {
	if g == ofSession {
		return
	}
	e.key(g.name)
	if has {
		e.raw("{")
	} else {
		e.raw("null")
	}
}

// endGroup closes the object of a group, after its lists.
func (e *jsonBuffer) endGroup(g *group, x *sessions.Session, c *sessions.Capture, o *JSONOptions) {
	if g == ofSession {
		return
	}
	if !o.NoSamples {
		switch g {
		case ofEcho:
			e.samples(x.Echo.Samples, c.FirstTime)
			if x.Echo.SamplesLeftOut > 0 {
				e.int("samples_left_out", x.Echo.SamplesLeftOut)
			}
		case ofCadence:
			e.times(x.Cadence, c.FirstTime)
		}
	}
	e.raw("}")
}

// times appends the times of a cadence's messages.
func (e *jsonBuffer) times(x *sessions.Cadence, base int64) {
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

func (e *jsonBuffer) endpoints(p *sessions.Pair[sessions.Fingerprint]) {
	e.key("endpoint")
	e.raw("[")
	for i := range p {
		e.comma()
		e.raw("{")
		e.str("stack", p[i].Stack)
		e.int("score", int64(p[i].Score))
		e.reasons("why", p[i].Why)
		e.raw("}")
	}
	e.raw("]")
}

// reasons appends reasons in English, as what they are: data.
func (e *jsonBuffer) reasons(name string, list []words.Reason) {
	e.key(name)
	e.raw("[")
	for _, r := range list {
		e.comma()
		e.quoted(r.String())
	}
	e.raw("]")
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
		e.session(s, c, &JSONOptions{NoSamples: true})
	}
	e.raw("]}")
}
