package journal

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// eventBits are the names of poll()'s and epoll's events (poll.h; epoll_ctl(2) uses the same numbers).
var eventBits = func() map[string]uint16 {
	bits := map[string]uint16{"POLLPRI": 2, "POLLRDNORM": 0x40, "POLLRDBAND": 0x80, "POLLWRNORM": 0x100, "POLLWRBAND": 0x200, "POLLRDHUP": 0x2000}
	for _, e := range Events {
		bits[e.Name] = e.Bit
	}
	return bits
}()

// eventMask adds up names such as "POLLIN|POLLHUP".
func eventMask(names string) (mask uint16) {
	for name := range strings.SplitSeq(names, "|") {
		mask |= eventBits[strings.TrimPrefix(name, "E")]
	}
	return mask
}

// polled is one {fd=3, events=POLLIN} of a poll array.
type polled struct {
	fd    int
	file  *file
	names string
}

// pollArray reads [{fd=3, events=POLLIN}, …]; field is "events" or "revents".
func (r *strace) pollArray(t *task, s, field string) []polled {
	var list []polled
	elements, _, _ := splitArgs(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	for _, element := range elements {
		p := polled{fd: -1}
		fields, _, _ := splitArgs(strings.TrimSuffix(strings.TrimPrefix(element, "{"), "}"))
		for _, f := range fields {
			key, value, _ := strings.Cut(f, "=")
			switch key {
			case "fd":
				fd, annotation := descriptor(value)
				p.fd, p.file = fd, r.lookup(t, fd, annotation)
			case field:
				p.names = value
			}
		}
		if p.fd >= 0 {
			list = append(list, p)
		}
	}
	return list
}

// ready turns poll array elements into entries' form.
func ready(list []polled) []Ready {
	var out []Ready
	for _, p := range list {
		one := Ready{Events: eventMask(p.names)}
		if p.file != nil && p.file.socket != nil {
			one.Socket = p.file.socket.number
		}
		out = append(out, one)
	}
	return out
}

// anyTCP reports whether a TCP socket is among the descriptors.
func anyTCP(list []polled) bool {
	for _, p := range list {
		if p.file != nil && p.file.socket != nil {
			return true
		}
	}
	return false
}

// poll reads poll() and ppoll(). Its arguments are spelled as the distinct event masks, in order.
func (r *strace) poll(c *call) {
	array := c.arg(0)
	if array == "NULL" || c.number(1) == 0 && array == "[]" {
		r.emitSleep(c, milliseconds(c.arg(2)))
		return
	}
	asked := r.pollArray(c.task, array, "events")
	var text string
	var found []polled
	if c.succeeded() {
		text = c.out.text
		// ppoll() shows the time that was left behind the array.
		if strings.HasPrefix(text, "[") {
			parts, _, _ := splitArgs(text)
			found = r.pollArray(c.task, parts[0], "revents")
			text = plainArray(found)
		}
	}
	elided := len(asked) == 0 && len(found) == 0 && r.sockets > 0 // "[...3]": it may have been any socket
	if !anyTCP(asked) && !anyTCP(found) && !elided {
		return
	}
	var masks []string
	for _, p := range asked {
		if p.names != "" && !slices.Contains(masks, p.names) {
			masks = append(masks, p.names)
		}
	}
	e := c.entry(Poll, nil, "poll("+printable(strings.Join(masks, ", "))+")")
	e.FD, e.poll = -1, &polling{printable(text), ready(found), ready(asked)}
	r.emit(c, e)
}

// plainArray writes a poll result as strace does without -yy.
func plainArray(list []polled) string {
	var parts []string
	for _, p := range list {
		parts = append(parts, fmt.Sprintf("{fd=%d, revents=%s}", p.fd, p.names))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// selectCall reads select() and pselect6(); without descriptors they are a way to sleep.
func (r *strace) selectCall(c *call) {
	sets := [3]string{c.arg(1), c.arg(2), c.arg(3)}
	names := [3]string{"POLLIN", "POLLOUT", "POLLPRI"}
	var asked []polled
	for i, set := range sets {
		asked = append(asked, r.fdSet(c.task, set, names[i])...)
	}
	if len(asked) == 0 {
		r.emitSleep(c, timespec(c.arg(4)))
		return
	}
	if !anyTCP(asked) {
		return
	}
	e := c.entry(Select, nil, fmt.Sprintf("select(%s, %s, %s)", fdList(asked, names[0]), fdList(asked, names[1]), fdList(asked, names[2])))
	e.FD, e.polling().polled = -1, ready(asked)
	if c.succeeded() {
		var found []polled
		parts, _, _ := splitArgs(c.out.text)
		var kept []string
		for _, part := range parts {
			for i, word := range [3]string{"in ", "out ", "except "} {
				if set, ok := strings.CutPrefix(part, word); ok {
					found = append(found, r.fdSet(c.task, set, names[i])...)
					kept = append(kept, part)
				}
			}
		}
		e.polling().ready = ready(found)
		if e.polling().text = printable(strings.Join(kept, ", ")); len(kept) == 0 {
			e.polling().text = printable(c.out.text)
		}
	}
	r.emit(c, e)
}

// fdSet reads [3 4] or [7<TCP:[…]>].
func (r *strace) fdSet(t *task, s, names string) []polled {
	inside, found := strings.CutPrefix(s, "[")
	if !found {
		return nil
	}
	var list []polled
	for _, one := range strings.Fields(strings.TrimSuffix(inside, "]")) {
		if fd, annotation := descriptor(one); fd >= 0 {
			list = append(list, polled{fd: fd, file: r.lookup(t, fd, annotation), names: names})
		}
	}
	return list
}

// fdList spells the descriptors of one set as a Python list.
func fdList(list []polled, names string) string {
	var numbers []string
	for _, p := range list {
		if p.names == names {
			numbers = append(numbers, strconv.Itoa(p.fd))
		}
	}
	return "[" + strings.Join(numbers, ", ") + "]"
}

// sleep reads nanosleep() and clock_nanosleep(); of an absolute time only the end is known.
func (r *strace) sleep(c *call) {
	asked := timespec(c.arg(0))
	if c.name == "clock_nanosleep" {
		if asked = timespec(c.arg(2)); strings.Contains(c.arg(1), "TIMER_ABSTIME") {
			asked = ""
		}
	}
	r.emitSleep(c, asked)
}

func (r *strace) emitSleep(c *call, seconds string) {
	e := c.entry(Sleep, nil, "sleep("+seconds+")")
	e.FD = -1
	if c.out.text == "Timeout" {
		e.Value = 0
	}
	r.emit(c, e)
}

// timespec turns {tv_sec=1, tv_nsec=500000000} or {tv_sec=1, tv_usec=500000} into "1.5".
func timespec(s string) string {
	field := func(name string) (string, bool) {
		_, value, found := strings.Cut(s, name+"=")
		end := 0
		for end < len(value) && value[end] >= '0' && value[end] <= '9' {
			end++
		}
		return value[:end], found && end > 0
	}
	sec, ok := field("tv_sec")
	if !ok {
		return ""
	}
	fraction, width := "", 9
	if nsec, found := field("tv_nsec"); found {
		fraction = nsec
	} else if usec, found := field("tv_usec"); found {
		fraction, width = usec, 6
	}
	if len(fraction) > width {
		return sec
	}
	fraction = strings.TrimRight(strings.Repeat("0", width-len(fraction))+fraction, "0")
	if fraction == "" {
		return sec
	}
	return sec + "." + fraction
}

// milliseconds turns poll()'s time into seconds; -1 waits for ever.
func milliseconds(s string) string {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return timespec(s)
	}
	return timespec(fmt.Sprintf("{tv_sec=%d, tv_usec=%d}", n/1000, n%1000*1000))
}

// epollCtl notes which descriptor the user data of later events means.
func (r *strace) epollCtl(c *call) {
	if !c.succeeded() || c.fd < 0 {
		return
	}
	if c.file == nil {
		c.file = &file{}
		r.open(c.task, c.fd, c.file)
	}
	fd, annotation := descriptor(c.arg(2))
	r.lookup(c.task, fd, annotation)
	if key := userData(c.arg(3)); key != "" && c.arg(1) != "EPOLL_CTL_DEL" {
		if c.file.watched == nil {
			c.file.watched = map[string]int{}
		}
		c.file.watched[key] = fd
	}
}

// userData is the u64 of an epoll event, which programs choose freely, else its u32.
func userData(s string) string {
	for _, name := range []string{"u64=", "u32="} {
		if _, value, found := strings.Cut(s, name); found {
			return strings.TrimRight(value, "}], ")
		}
	}
	return ""
}

// epollWait reads the epoll_wait() family as a poll of the sockets that were registered.
func (r *strace) epollWait(c *call) {
	var watched []polled
	if c.file != nil {
		for _, fd := range c.file.watched {
			watched = append(watched, polled{fd: fd, file: r.lookup(c.task, fd, "")})
		}
	}
	if !anyTCP(watched) {
		return
	}
	e := c.entry(Poll, nil, "epoll_wait()")
	e.FD = -1
	if c.succeeded() {
		var found []polled
		elements, _, _ := splitArgs(strings.TrimSuffix(strings.TrimPrefix(c.arg(1), "["), "]"))
		for _, element := range elements {
			_, names, _ := strings.Cut(element, "events=")
			names, data, _ := strings.Cut(names, ",")
			p := polled{fd: -1, names: names}
			if fd, known := c.file.watched[userData(data)]; known {
				p.fd, p.file = fd, r.lookup(c.task, fd, "")
			}
			found = append(found, p)
		}
		e.polling().ready, e.polling().text = ready(found), printable(plainArray(found))
	}
	r.emit(c, e)
}
