package findings

import (
	"time"

	"tcptrace/capture"
	"tcptrace/sessions"
	"tcptrace/words"
)

var segmentsLost = Kind{
	Code: "segments-lost", Severity: Note, find: findLost,
	Meaning: words.Of("La red perdió segmentos: se repitieron, y quien los esperaba esperó más.", "The network lost segments: they were repeated, and whoever waited for them waited longer."),
}

// longLoss is a wait for a repeat that a person notices.
const longLoss = 200 * time.Millisecond

// findLost looks for segments that reached nobody, and says what waiting for their copies cost (docs/findings.md).
func findLost(l *look) (out []Finding) {
	for _, s := range l.all {
		if l.refused[s.ID] || l.flooded[s.ID] || l.full[s.ID] {
			continue // the repeats have another cause
		}
		for _, side := range sides {
			if losses := s.Losses(side); len(losses) > 0 {
				out = append(out, l.lost(s, side, losses))
			}
		}
	}
	return out
}

// lost tells of the losses of one side's segments.
func (l *look) lost(s *sessions.Session, side sessions.Side, losses []sessions.Loss) Finding {
	f := Finding{Sessions: ids(s)}
	var worst sessions.Loss
	before := int64(0)
	for _, x := range losses {
		if x.Step < 0 {
			before++
		} else {
			f.Frames = append(f.Frames, s.Steps[x.Step].Frame)
		}
		f.Frames = append(f.Frames, s.Steps[x.Repair].Frame)
		if x.Wait > worst.Wait {
			worst = x
		}
	}
	f.Numbers = []Number{count("lost", int64(len(losses))), count("lost_before_capture", before), seconds("waited_s", worst.Wait)}
	if worst.Wait >= longLoss {
		f.Severity = Warning
	}
	who, peer := l.who(s, side), l.who(s, side.Other())
	if st := &s.Steps[worst.Repair]; st.Flags&capture.SYN != 0 {
		f.Text = sentence("Se perdió el %[3]s de %[1]s: connect() tardó %[2]s más, hasta que el SYN se repitió.",
			"The %[3]s of %[1]s was lost: connect() took %[2]s longer, until the SYN was repeated.", who, worst.Wait, synName(st))
	} else {
		f.Text = sentence("La red perdió segmentos de %[1]s hacia %[2]s (%[3]d); el que más se hizo esperar llegó %[4]s después, en su copia.",
			"The network lost segments from %[1]s to %[2]s (%[3]d); the one that took longest arrived %[4]s later, as its copy.", who, peer, len(losses), worst.Wait)
	}
	f.Long = sentence("Un segmento cuenta como perdido cuando hizo falta una copia posterior y nada de lo que el receptor envió entre las dos muestra que tenía la primera (RFC 9293, 3.8.1; RFC 6298). De los %[1]d, se perdieron antes del punto de captura, donde solo se ve el hueco: %[2]d. Quien esperaba esos bytes no recibió tampoco los que venían detrás, hasta que llegó la copia.",
		"A segment counts as lost when a later copy was needed and nothing that the receiver sent between the two shows that it had the first (RFC 9293, 3.8.1; RFC 6298). Of the %[1]d, so many were lost before the capture point, where only the gap is seen: %[2]d. Whoever waited for these bytes did not get those behind them either, until the copy arrived.",
		len(losses), before)
	f.Fix = sentence("El programa no puede evitarlo: revise la señal de la red. Lo que sí puede es no contar con un plazo corto: un SYN se repite tras 1 s y los datos tras 200 ms o más.",
		"The program cannot prevent it: look at the network's signal. What it can do is not to count on a short timeout: a SYN is repeated after 1 s, and data after 200 ms or more.")
	return f
}

func synName(st *sessions.Step) string {
	if st.Flags&capture.ACK != 0 {
		return "SYN+ACK"
	}
	return "SYN"
}

var reordering = Kind{
	Code: "reordering", Severity: Note, find: findReordering,
	Meaning: words.Of("La red cambió el orden de los segmentos; no se perdió ninguno.", "The network changed the order of segments; none was lost."),
}

// findReordering looks for gaps that closed sooner than a retransmission could close them, and that the receiver answered
// with duplicate ACKs: then it saw the order too, and not the capture alone.
func findReordering(l *look) (out []Finding) {
	for _, s := range l.all {
		for _, side := range sides {
			n, duplicates := s.OutOfOrder[side], s.DuplicateACKs[side.Other()]
			if n == 0 || duplicates == 0 {
				continue
			}
			f := Finding{Sessions: ids(s), Numbers: []Number{count("reordered", n), count("duplicate_acks", duplicates)}}
			for i := range s.Steps {
				if st := &s.Steps[i]; st.From == side && st.Marks.Has(sessions.MarkOutOfOrder) {
					f.Frames = append(f.Frames, st.Frame)
				}
			}
			f.Text = sentence("Segmentos de %[1]s llegaron en otro orden del que salieron (%[2]d); no se perdieron.",
				"Segments of %[1]s arrived in another order than they left (%[2]d); they were not lost.", l.who(s, side), n)
			f.Long = sentence("El hueco se cerró antes de que una retransmisión pudiera cerrarlo, y el receptor contestó al hueco con ACK duplicados (%[1]d): también él vio el desorden (RFC 5681, 3.2). Con tres o más ACK duplicados el emisor repite sin necesidad y baja su ritmo.",
				"The gap closed before a retransmission could have closed it, and the receiver answered the gap with duplicate ACKs (%[1]d): it saw the disorder too (RFC 5681, 3.2). After three or more duplicate ACKs the sender repeats without need and slows down.", duplicates)
			f.Fix = sentence("No hay nada que corregir en el programa.", "There is nothing to correct in the program.")
			out = append(out, f)
		}
	}
	return out
}
