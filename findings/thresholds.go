package findings

import "time"

// Every limit that a finding uses, with what was measured. Cases are folders of testdata/genuine.
const (
	minRun = 2 // intervals of the other kind before a change is told (pico-server-rst has 3)

	// The least chunk that a recv() cut out of a longer message: 800 on the Pico (pico-4k), 1024 from recv(1024);
	// 536 is the smallest MSS a sender may count on (RFC 9293 section 3.7.1).
	minSplitChunk = 536

	// The first answer waits for accept() and for the next recv(): 1.486 s in pico-early-4k, 1.124 s in pico-two-gap.
	// What comes later than two periods and a bit has other reasons.
	lateAcceptMax = 2300 * time.Millisecond

	// The small rest of a reply waits for one ACK: 4.3 ms in pico-4k with a round trip of 4.2 ms. A delayed ACK of the
	// peer could add 40 ms (Linux) to 200 ms (Windows).
	nagleMax = 260 * time.Millisecond
	// Nagle's algorithm against delayed ACKs: the pure ACK comes 40 ms (Linux) to 256 ms (lwIP) after the small
	// segment, the next small segment at once after it.
	delayedACKMin    = 35 * time.Millisecond
	delayedACKMax    = 520 * time.Millisecond
	afterACKMax      = 3 * time.Millisecond
	minNaglePairs    = 3
	backlogSlope     = 0.5 // seconds of round trip more with each message; 1/P − request interval
	minBacklog       = 4   // messages in a row that wait longer and longer
	staleAnswerBeats = 2.5 // periods without what should have come (docs/findings.md 19)

	// queue-full-reset: RST 4.2 ms after the handshake of 4.3 ms in pico-two-gap.
	queueResetRTTs = 3
	queueResetMin  = 20 * time.Millisecond // so that a loopback's RTT of 30 µs leaves room
	// lwIP's pools on the rp2 port (docs/pico.md 4.1): TCP connections, receive buffers, segment size and window.
	picoPCBs        = 5
	picoPoolBuffers = 16
	picoMSS         = 800
	picoWindow      = 6400
	minUnreadPieces = 10 // of the 16 buffers, some serve other packets (docs/pico.md 4.1)

	minSilentSYNs    = 3               // pico-firewall has 7; two can be one lost SYN
	minARPs          = 3               // lwIP asks five times, 1 s apart
	minARPSpan       = 2 * time.Second // of them
	arpGap           = 5 * time.Second // between two: a scan asks once
	timeWaitLinux    = 60 * time.Second
	halfOpenRepeats  = 3                      // copies without any answer
	halfOpenSilence  = 5 * time.Second        // without any packet of the other side
	minIgnored       = 100 * time.Millisecond // data after the peer's FIN: 0.41 s in pico-server-killed, 0.59 s in unix-server-killed
	diedAtOnce       = 50 * time.Millisecond
	powerSaveSamples = 3
	powerSaveMax     = 600 * time.Millisecond // a beacon or two; more has other reasons
	powerSaveMin     = 50 * time.Millisecond  // half a beacon interval of 102.4 ms; pico-normal spreads 6–15 ms
	powerSaveSpread  = 5                      // times the least; 2.5 in pico-normal
	coalescedGap     = time.Millisecond       // two sends closer than this are one to the network
)
