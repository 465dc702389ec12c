package findings

import "slices"

// kinds is the list of all codes. A new finding is one Kind in one file, one script in scripts_test.go, and one row
// here. Order matters twice: it is the order of --list, and findings that explain a session's repeats or silence
// (early-data-dropped, pcb-exhausted) come before those that would find the same packets.
var kinds = []Kind{
	loopEcho, loopPeriod, lateAccept, earlyDataDropped, messageSplit, nagleTail, outOfStep, unreadAtClose, lingerReset, secondClient,
	queueFullReset, pcbExhausted, pbufExhausted, backlogGrowing, connectionRefused, silentDrop, arpUnanswered,
	peerClosedIgnored, abort, programDied, segmentsLost, reordering, spuriousRetransmission, sendFlood, addrInUse, singleAccept, sendErrorHidden, partialSend,
	zeroWindow, timeWait,
	icmpUnreachable, coalescedRequests, lineCut, wrongPrefix, nagleDelayedACK, wifiPowerSave, halfOpen, keepAlive,
	portReused, simultaneousClose,
	captureDrops, captureDamaged, doubledCapture, offload, oneDirection, midStream, clockJump,
}

// singleKinds are those that a Collector looks for.
var singleKinds = slices.DeleteFunc(slices.Clone(kinds), func(k Kind) bool { return !k.single })
