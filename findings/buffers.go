package findings

import (
	"time"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/words"
)

var pbufExhausted = Kind{
	Code: "pbuf-exhausted", Severity: Warning, find: findPbufs, Pico: true,
	Meaning: words.Of("La ventana dice que hay sitio, pero la Pico agotó sus 16 búferes de paquetes.", "The window says there is room, but the Pico ran out of its 16 packet buffers."),
}

// findPbufs looks for data repeated to a Pico whose window was ample while it had many unread segments (docs/findings.md 12).
func findPbufs(l *look) (out []Finding) {
	for _, s := range l.all {
		if !l.isPico(s.Server.Addr()) || s.Retransmitted[sessions.Client] == 0 || !timed(s) {
			continue
		}
		pieces, replies, worst, repeats, window := 0, 0, 0, 0, int64(0)
		var frames []int64
		for i := range s.Steps {
			st := &s.Steps[i]
			switch {
			case st.From == sessions.Server:
				window = st.Window
				if isData(sessions.Server)(st) {
					replies++
				}
			case l.refused[s.ID] && replies == 0: // early-data-dropped tells of these
			case st.Marks.Has(sessions.MarkRetransmission) && !st.Marks.Has(sessions.MarkSpurious):
				if pieces-replies >= minUnreadPieces && window > picoMSS {
					repeats++
					worst = max(worst, pieces-replies)
					frames = append(frames, st.Frame)
				}
			case isData(sessions.Client)(st):
				pieces++
			}
		}
		if repeats == 0 {
			continue
		}
		l.flooded[s.ID] = true
		f := Finding{Sessions: ids(s), Frames: frames, Change: lineSleep.change(),
			Numbers: []Number{count("unread_segments", int64(worst)), count("repeated", int64(repeats)), count("buffers", picoPoolBuffers)}}
		f.Text = sentence("La ventana dice que hay sitio, pero la Pico agotó sus %[1]d búferes porque el programa lee un paquete por segundo.",
			"The window says there is room, but the Pico ran out of its %[1]d packet buffers because the program reads one packet per second.", picoPoolBuffers)
		f.Long = sentence("La ventana de TCP cuenta bytes; lwIP guarda cada segmento, por pequeño que sea, en un búfer de PBUF_POOL_SIZE = %[1]d. Con unos %[2]d segmentos sin leer los siguientes se descartan al recibir, sin ACK, y el emisor los repitió %[3]d veces aunque la ventana anunciada superaba un segmento.",
			"TCP's window counts bytes; lwIP keeps every segment, however small, in one buffer of PBUF_POOL_SIZE = %[1]d. With some %[2]d segments unread the next ones are dropped on receipt, without an ACK, and the sender repeated them %[3]d times though the advertised window was more than a segment.", picoPoolBuffers, worst, repeats)
		f.Fix = sentence("Lea todo lo disponible en cada vuelta, o junte los mensajes pequeños en el emisor.", "Read all there is in every pass, or join the small messages at the sender.")
		out = append(out, f)
	}
	return out
}

var zeroWindow = Kind{
	Code: "zero-window", Severity: Note, find: findZeroWindow, single: true,
	Meaning: words.Of("El receptor cerró la ventana: su programa no lee y el emisor debe esperar.", "The receiver closed its window: its program does not read, and the sender must wait."),
}

// findZeroWindow looks for windows that let no segment through: zero, or less than a segment at a Pico (docs/findings.md 25).
func findZeroWindow(l *look) (out []Finding) {
	for _, s := range l.all {
		for _, side := range sides {
			pico := l.isPico(hostOf(s, side))
			shut, frames, small := shutFor(s, side, pico)
			// A zero window that lasts no time is one in a connection's last segment: it stopped nobody.
			if s.ZeroWindows[side] == 0 && !small || len(s.Steps) > 0 && shut == 0 {
				continue
			}
			who := l.who(s, side)
			f := Finding{Sessions: ids(s), Frames: frames, Numbers: []Number{count("zero_windows", s.ZeroWindows[side]), seconds("shut_s", shut)}}
			f.Text = sentence("%[1]s cerró la ventana (su programa no leía) y el emisor tuvo que parar %[2]s.", "%[1]s closed its window (its program did not read), and the sender had to stop for %[2]s.", capital(who), shut)
			if len(s.Steps) == 0 {
				f.Text = sentence("%[1]s cerró la ventana %[2]d veces (su programa no leía) y el emisor tuvo que parar.", "%[1]s closed its window %[2]d times (its program did not read), and the sender had to stop.", capital(who), s.ZeroWindows[side])
			}
			if s.ZeroWindows[side] == 0 {
				f.Text = sentence("La ventana de %[1]s quedó por debajo de un segmento (%[2]d bytes) durante %[3]s: su programa no leía.", "The window of %[1]s was below one segment (%[2]d bytes) for %[3]s: its program did not read.", who, picoMSS, shut)
			}
			f.Long = sentence("La ventana es el espacio libre del búfer de recepción (RFC 9293, 3.8.6): baja con cada byte que llega y sube cuando el programa llama a `recv()`. En cero, el emisor solo puede sondear. Es control de flujo, no una falla de la red; `send()` se bloquea o da EAGAIN cuando su propio búfer también se llena.",
				"The window is the free room of the receive buffer (RFC 9293, 3.8.6): it falls with every byte that comes and rises when the program calls `recv()`. At zero the sender can only probe. It is flow control, not a fault of the network; `send()` blocks or gives EAGAIN when its own buffer fills up too.")
			f.Fix = sentence("Lea más seguido en %s, o envíe menos.", "Read more often in %s, or send less.", who)
			out = append(out, f)
		}
	}
	return out
}

// shutFor is how long a side's window let nothing through, the frames that said so, and whether a Pico's window was
// small without being zero.
func shutFor(s *sessions.Session, side sessions.Side, pico bool) (shut time.Duration, frames []int64, small bool) {
	since := int64(0)
	open, _ := opened(s)
	for i := range s.Steps {
		st := &s.Steps[i]
		if st.From != side || st.Flags&(capture.RST|capture.SYN) != 0 || st.Time < open {
			continue
		}
		closed := st.Window == 0 || pico && st.Window < picoMSS
		switch {
		case closed && since == 0:
			since = st.Time
			frames = append(frames, st.Frame)
			small = small || pico && st.Window > 0
		case !closed && since != 0:
			shut += time.Duration(st.Time - since)
			since = 0
			frames = append(frames, st.Frame)
		}
	}
	if n := len(s.Steps); since != 0 && n > 0 {
		shut += time.Duration(s.Steps[n-1].Time - since)
	}
	return shut, frames, small
}
