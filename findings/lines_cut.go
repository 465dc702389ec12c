package findings

import (
	"bytes"

	"tcptrace/notebook"
	"tcptrace/sessions"
	"tcptrace/words"
)

var lineCut = Kind{
	Code: "line-cut", Severity: Warning, find: findLineCut,
	Meaning: words.Of("Una línea quedó partida entre dos recv(): el servidor contestó a media línea.",
		"A line was cut between two recv(): the server answered half a line."),
}

// findLineCut looks for replies that end in the middle of a line of a client that writes lines.
func findLineCut(l *look) (out []Finding) {
	for _, s := range l.all {
		if s.Echo == nil || len(s.Echo.Samples) == 0 || s.Echo.SamplesLeftOut > 0 || s.Echo.ByLength || !timed(s) {
			continue
		}
		ends, whole := lineEnds(s)
		if !whole || len(ends) < 2 {
			continue
		}
		at := int64(0)
		for _, e := range s.Echo.Samples {
			at += int64(e.Bytes)
			if !ends[at] && at < s.Bytes[sessions.Client] {
				f := Finding{Sessions: ids(s), Frames: []int64{e.RequestFrame, e.ReplyFrame}, Change: lineServerRecv.change(),
					Numbers: []Number{count("cut_at_byte", at), count("lines", int64(len(ends)))}}
				f.Text = sentence("Una línea quedó partida entre dos `recv()`: el servidor contestó después del byte %d, en mitad de una línea.",
					"A line was cut between two `recv()`: the server answered after byte %d, in the middle of a line.", at)
				f.Long = sentence("El cliente escribe líneas terminadas en `\\n`, pero `recv()` devuelve los bytes que haya: el final de un segmento, o el tope pedido, no coincide con el final de la línea. El resto de la línea llegó en el `recv()` siguiente y se contestó aparte.",
					"The client writes lines that end in `\\n`, but `recv()` returns the bytes there are: the end of a segment, or the limit asked for, is not the end of the line. The rest of the line came with the next `recv()` and was answered on its own.")
				f.Fix = sentence("Acumule lo recibido y trate solo líneas completas.", "Collect what was received and treat whole lines only.")
				out = append(out, f)
				break
			}
		}
	}
	return out
}

// lineEnds gives the stream offsets after each line end of the client, if every byte of its stream is known and it ends
// whole lines.
func lineEnds(s *sessions.Session) (ends map[int64]bool, whole bool) {
	ends = map[int64]bool{}
	at := int64(0)
	for i := range s.Steps {
		st := &s.Steps[i]
		if !isData(sessions.Client)(st) {
			continue
		}
		if st.Offset != at || int(st.Length) != len(st.Text()) {
			return nil, false
		}
		for text, from := st.Text(), 0; ; {
			k := bytes.IndexByte(text[from:], '\n')
			if k < 0 {
				break
			}
			from += k + 1
			ends[at+int64(from)] = true
		}
		at += int64(st.Length)
	}
	return ends, ends[at]
}

var wrongPrefix = Kind{
	Code: "wrong-prefix", Severity: Warning, find: findWrongPrefix, single: true,
	Meaning: words.Of("La respuesta no empieza con el prefijo del cuaderno: falta, o es otro.",
		"The reply does not start with the notebook's prefix: it is missing, or another."),
}

// findWrongPrefix looks for servers on an echo port that return the request with another prefix or none.
func findWrongPrefix(l *look) (out []Finding) {
	for _, s := range l.all {
		want := notebook.Prefixes[s.Server.Port()]
		if s.Echo != nil && s.Echo.Prefix != "" {
			want = s.Echo.Prefix
		}
		if want == "" || s.Echo != nil && s.Echo.Matched > 0 {
			continue
		}
		asked, got := s.FirstText[sessions.Client], s.FirstText[sessions.Server]
		if len(asked) < 2 || len(got) == 0 {
			continue
		}
		at := bytes.Index(got, asked[:min(len(asked), 12)])
		if at < 0 || string(got[:at]) == want {
			continue
		}
		var frames []int64
		for _, side := range sides {
			if i := find(s, 0, isData(side)); i >= 0 {
				frames = append(frames, s.Steps[i].Frame)
			}
		}
		f := Finding{Sessions: ids(s), Frames: frames,
			Numbers: []Number{count("prefix_bytes", int64(at)), count("expected_bytes", int64(len(want)))}, Change: lineEchoSend.change()}
		if s.Server.Port() == notebook.GreetingPort {
			f.Change = lineServerSend.change()
		}
		f.Text = sentence("La respuesta repite lo pedido pero no empieza con «%[1]s»: trae %[2]d bytes delante.",
			"The reply repeats the request but does not start with \"%[1]s\": it has %[2]d bytes in front.", want, at)
		f.Long = sentence("Los ecos se reconocen por su prefijo: cada uno es un `recv()` del servidor. Con otro prefijo no hay tiempos de eco en este informe; dígalo con `--echo %[1]d=PREFIJO` (vacío si no hay).",
			"Echoes are recognised by their prefix: each is one `recv()` of the server. With another prefix this report has no echo times; tell it with `--echo %[1]d=PREFIX` (empty for none).", s.Server.Port())
		f.Fix = sentence("Corrija el prefijo en el programa, o use `--echo`.", "Correct the prefix in the program, or use `--echo`.")
		out = append(out, f)
	}
	return out
}
