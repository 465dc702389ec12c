package sessions

import (
	"fmt"

	"tcptrace/capture"
)

// The Pico's score (docs/pico.md 4.2): points for each trait of MicroPython's lwIP on the rp2 port, and the sum from
// which an end is called one.
const (
	picoMSS          = 800
	picoWindow       = 6400
	picoISNLimit     = 1_000_000
	picoThreshold    = 6
	pointsOptions    = 5
	pointsWindow     = 3
	pointsTTL        = 2
	pointsID         = 1
	pointsISN        = 3
	pointsResetWin   = 5
	pointsOUI        = 2
	smallIPID        = 4096
	linuxWindow      = 64240
	linuxOtherWindow = 65160
	loopbackWindow   = 65495
	loopbackWindow2  = 65483
)

// Hardware address prefixes of the Pico W's radio and of other Raspberry Pi boards (docs/pico.md 4.2).
var (
	picoOUIs = [][3]byte{{0x28, 0xcd, 0xc1}, {0xd8, 0x3a, 0xdd}, {0x2c, 0xcf, 0x67}}
	piOUIs   = [][3]byte{{0xb8, 0x27, 0xeb}, {0xdc, 0xa6, 0x32}, {0xe4, 0x5f, 0x01}, {0x3a, 0x35, 0x41}}
)

// IsPicoOUI reports whether a hardware address belongs to the makers of the Pico W's boards.
func IsPicoOUI(m capture.MAC) bool { return hasOUI(m, picoOUIs) || hasOUI(m, piOUIs) }

func hasOUI(m capture.MAC, list [][3]byte) bool {
	for _, o := range list {
		if [3]byte(m[:3]) == o {
			return true
		}
	}
	return false
}

// fingerprint scores one end of a session.
func (c *conn) fingerprint(d int) Fingerprint {
	var f Fingerprint
	s := &c.syn[d]
	if !s.has(synAny) {
		return f
	}
	add := func(points int, format string, args ...any) {
		f.Score += points
		f.Why = append(f.Why, fmt.Sprintf(format, args...))
	}
	if s.has(synSeen) {
		c.scoreSYN(s, add)
	}
	if s.has(synRSTWin25) {
		add(pointsResetWin, "RST win 25")
	}
	if s.ttl >= 250 {
		add(pointsTTL, "TTL %d", s.ttl)
	}
	if c.isIPv4 && !s.has(synDF) && s.ipid < smallIPID {
		add(pointsID, "DF 0, IP ID %d", s.ipid)
	}
	if s.has(synHasMAC) && hasOUI(s.mac, picoOUIs) {
		add(pointsOUI, "OUI %02X:%02X:%02X", s.mac[0], s.mac[1], s.mac[2])
	}
	if linux, windows := c.looksLike(s); linux != "" {
		f.Stack, f.Why = LinuxStack, append(f.Why, linux)
	} else if windows != "" {
		f.Stack, f.Why = WindowsStack, append(f.Why, windows)
	} else if f.Score >= picoThreshold {
		f.Stack = PicoStack
	}
	return f
}

func (c *conn) scoreSYN(s *synFacts, add func(points int, format string, args ...any)) {
	if s.mss == picoMSS && s.options == capture.HasMSS {
		add(pointsOptions, "MSS 800 alone")
	}
	if s.window == picoWindow {
		add(pointsWindow, "win 6400")
	}
	if s.isn < picoISNLimit {
		add(pointsISN, "ISN %d", s.isn)
	}
}

// looksLike recognises the common desktop stacks by what only they send in a SYN.
func (c *conn) looksLike(s *synFacts) (linux, windows string) {
	const rich = capture.HasMSS | capture.HasWindowScale | capture.HasSACKPermitted
	if !s.has(synSeen) || s.options&capture.HasMSS == 0 {
		return "", ""
	}
	timestamps := s.options&capture.HasTimestamps != 0
	switch {
	case s.ttl > 64 && s.ttl <= 128 && s.options&rich == rich && !timestamps && s.shift == 8:
		return "", fmt.Sprintf("TTL %d, WS 8, SACK, no timestamps, win %d", s.ttl, s.window)
	case s.ttl > 32 && s.ttl <= 64 && s.has(synDF) && s.options&rich == rich && timestamps:
		return fmt.Sprintf("TTL %d, DF, SACK, timestamps, WS %d", s.ttl, s.shift), ""
	case s.ttl > 32 && s.ttl <= 64 && (s.has(synDF) || !c.isIPv4) && s.mss != picoMSS && isLinuxWindow(s.window):
		return fmt.Sprintf("TTL %d, DF, win %d", s.ttl, s.window), ""
	}
	return "", ""
}

func isLinuxWindow(w uint16) bool {
	return w == linuxWindow || w == linuxOtherWindow || w == loopbackWindow || w == loopbackWindow2
}
