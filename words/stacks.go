package words

import "fmt"

// What tells which TCP stack an end runs.

var (
	OnlyMSS = fixed("mss-alone", "solo la opción MSS 800", "MSS 800 alone")

	window            = newKind("window", "ventana %d", "win %d")
	isn               = newKind("isn", "ISN %d", "ISN %d")
	resetWindow       = newKind("reset-window", "RST con ventana %d", "RST win %d")
	ttl               = newKind("ttl", "TTL %d", "TTL %d")
	ipID              = newKind("ip-id", "sin DF, IP ID %d", "DF 0, IP ID %d")
	oui               = newKind("oui", "OUI %s", "OUI %s")
	windowsOptions    = newKind("windows-options", "TTL %d, WS 8, SACK, sin marcas de tiempo, ventana %d", "TTL %d, WS 8, SACK, no timestamps, win %d")
	linuxOptions      = newKind("linux-options", "TTL %d, DF, SACK, marcas de tiempo, WS %d", "TTL %d, DF, SACK, timestamps, WS %d")
	linuxWindowChosen = newKind("linux-window", "TTL %d, DF, ventana %d", "TTL %d, DF, win %d")
)

// Window is the receive window of a SYN.
func Window(bytes uint16) Reason { return window.with(bytes) }

// ISN is an initial sequence number.
func ISN(number uint32) Reason { return isn.with(number) }

// ResetWindow is the window of an RST.
func ResetWindow(bytes uint16) Reason { return resetWindow.with(bytes) }

// TTL is an IP header's time to live.
func TTL(hops uint8) Reason { return ttl.with(hops) }

// IPID is the identification of an IPv4 header without DF.
func IPID(id uint16) Reason { return ipID.with(id) }

// OUI is the maker's part of a hardware address.
func OUI(prefix [3]byte) Reason {
	return oui.with(fmt.Sprintf("%02X:%02X:%02X", prefix[0], prefix[1], prefix[2]))
}

// WindowsOptions are those of a Windows SYN.
func WindowsOptions(hops uint8, bytes uint16) Reason { return windowsOptions.with(hops, bytes) }

// LinuxOptions are those of a Linux SYN.
func LinuxOptions(hops, scale uint8) Reason { return linuxOptions.with(hops, scale) }

// LinuxWindow is the window of a Linux SYN that has fewer options.
func LinuxWindow(hops uint8, bytes uint16) Reason { return linuxWindowChosen.with(hops, bytes) }
