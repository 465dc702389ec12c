package sessions

import (
	"tcptrace/capture"
	"tcptrace/words"
)

// The Pico's score (docs/pico.md 4.2): points for each trait of MicroPython's lwIP on the rp2 port, and the sum from
// which an end is called one.
const (
	picoMSS          = 800
	picoWindow       = 6400
	picoISNLimit     = 1_000_000
	resetWindow      = 25 // of an RST of lwIP: its window with the bytes swapped
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

// fingerprint scores one end of a session; the reasons go into the memory of why.
func (c *conn) fingerprint(d int, why []words.Reason) (f Fingerprint) {
	s := &c.syn[d]
	if !s.has(synAny) {
		return f
	}
	f.Why = why
	if s.has(synSeen) {
		f.scoreSYN(s)
	}
	if s.has(synRSTWin25) {
		f.add(pointsResetWin, words.ResetWindow(resetWindow))
	}
	if s.ttl >= 250 {
		f.add(pointsTTL, words.TTL(s.ttl))
	}
	if c.isIPv4 && !s.has(synDF) && s.ipid < smallIPID {
		f.add(pointsID, words.IPID(s.ipid))
	}
	if s.has(synHasMAC) && hasOUI(s.mac, picoOUIs) {
		f.add(pointsOUI, words.OUI([3]byte(s.mac[:3])))
	}
	if stack, because := c.looksLike(s); stack != "" {
		f.Stack, f.Why = stack, append(f.Why, because)
	} else if f.Score >= picoThreshold {
		f.Stack = PicoStack
	}
	return f
}

func (f *Fingerprint) add(points int, because words.Reason) {
	f.Score += points
	f.Why = append(f.Why, because)
}

func (f *Fingerprint) scoreSYN(s *synFacts) {
	if s.mss == picoMSS && s.options == capture.HasMSS {
		f.add(pointsOptions, words.OnlyMSS)
	}
	if s.window == picoWindow {
		f.add(pointsWindow, words.Window(picoWindow))
	}
	if s.isn < picoISNLimit {
		f.add(pointsISN, words.ISN(s.isn))
	}
}

// looksLike recognises the common desktop stacks by what only they send in a SYN.
func (c *conn) looksLike(s *synFacts) (stack string, because words.Reason) {
	const rich = capture.HasMSS | capture.HasWindowScale | capture.HasSACKPermitted
	if !s.has(synSeen) || s.options&capture.HasMSS == 0 {
		return "", because
	}
	timestamps := s.options&capture.HasTimestamps != 0
	switch {
	case s.ttl > 64 && s.ttl <= 128 && s.options&rich == rich && !timestamps && s.shift == 8:
		return WindowsStack, words.WindowsOptions(s.ttl, s.window)
	case s.ttl > 32 && s.ttl <= 64 && s.has(synDF) && s.options&rich == rich && timestamps:
		return LinuxStack, words.LinuxOptions(s.ttl, s.shift)
	case s.ttl > 32 && s.ttl <= 64 && (s.has(synDF) || !c.isIPv4) && s.mss != picoMSS && isLinuxWindow(s.window):
		return LinuxStack, words.LinuxWindow(s.ttl, s.window)
	}
	return "", because
}

func isLinuxWindow(w uint16) bool {
	return w == linuxWindow || w == linuxOtherWindow || w == loopbackWindow || w == loopbackWindow2
}
