package data

import (
	"math"
	"strconv"
	"time"

	"tcptrace/findings"
	"tcptrace/sessions/rhythm"
)

// findings appends the array of docs/report.md, without its name.
func (e *jsonBuffer) findings(all []findings.Finding) {
	e.raw("[")
	for i := range all {
		e.comma()
		e.raw("\n")
		e.finding(&all[i])
	}
	e.raw("]")
}

func (e *jsonBuffer) finding(f *findings.Finding) {
	e.raw("{")
	e.str("code", f.Code)
	e.str("severity", f.Severity.String())
	e.key("sessions")
	e.raw("[")
	for _, id := range f.Sessions {
		e.comma()
		*e = strconv.AppendInt(*e, int64(id), 10)
	}
	e.raw("]")
	e.int("session_count", int64(f.Count))
	e.key("frames")
	e.raw("[")
	for _, n := range f.Frames {
		e.comma()
		*e = strconv.AppendInt(*e, n, 10)
	}
	e.raw("]")
	e.key("numbers")
	e.raw("{")
	for _, n := range f.Numbers {
		e.key(n.Name)
		if math.IsNaN(n.Value) || math.IsInf(n.Value, 0) {
			e.raw("null")
		} else {
			*e = appendNumber(*e, n.Value)
		}
	}
	e.raw("}")
	e.bothTexts("text", f.Text)
	e.bothTexts("long", f.Long)
	e.bothTexts("fix", f.Fix)
	if f.Change != nil && f.Change.Diff != "" {
		e.str("patch", f.Change.Diff)
	}
	if len(f.Splits) > 0 {
		e.splits(f.Splits)
	}
	e.raw("}")
}

// splits appends where the time of every echo went.
func (e *jsonBuffer) splits(all []rhythm.Split) {
	e.key("splits")
	e.raw("[")
	for i := range all {
		d := &all[i]
		e.comma()
		e.raw("{")
		e.int("session", int64(d.Session))
		e.int("request_frame", d.RequestFrame)
		e.int("reply_frame", d.ReplyFrame)
		for _, v := range [...]struct {
			name string
			d    time.Duration
		}{{"rtt_s", d.RTT}, {"network_s", d.Network}, {"stack_s", d.Stack}, {"loop_s", d.Loop}, {"program_s", d.Program},
			{"lock_s", d.Lock}, {"deadline_rtt_s", d.WithDeadline}} {
			e.seconds(v.name, int64(v.d), true)
		}
		e.raw("}")
	}
	e.raw("]")
}

// appendNumber writes a number as JSON has it: counts as integers, the rest with at most nine decimals, and what is
// smaller than these show with an exponent.
func appendNumber(dst []byte, v float64) []byte {
	switch {
	case v == math.Trunc(v) && math.Abs(v) < 1e15:
		return strconv.AppendInt(dst, int64(v), 10)
	case math.Abs(v) < 1e-6:
		return strconv.AppendFloat(dst, v, 'e', 3, 64)
	}
	return strconv.AppendFloat(dst, v, 'f', 9, 64)
}

func (e *jsonBuffer) bothTexts(name string, t findings.Text) {
	e.key(name)
	if t == (findings.Text{}) {
		e.raw("null")
		return
	}
	e.raw("{")
	e.str("es", t.ES)
	e.str("en", t.EN)
	e.raw("}")
}
