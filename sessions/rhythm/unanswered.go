package rhythm

import "tcptrace/sessions"

// Unanswered are the steps of a session that brought request bytes which no reply had answered when the session ended, oldest
// first: those behind the bytes of all echoes. It is empty where the echo's place in the stream is not known.
func Unanswered(s *sessions.Session) (steps []int) {
	if s.Echo == nil || s.Echo.UnansweredBytes == 0 || s.Echo.SamplesLeftOut > 0 || s.StepsLeftOut > 0 || s.RoleFrom != sessions.RoleFromSYN {
		return nil
	}
	answered := int64(0)
	for i := range s.Echo.Samples {
		answered += int64(s.Echo.Samples[i].Bytes)
	}
	for i := range s.Steps {
		st := &s.Steps[i]
		if st.From == sessions.Client && st.Marks.Has(sessions.MarkNewData) && st.Offset+int64(st.Length) > answered {
			steps = append(steps, i)
		}
	}
	return steps
}
