package capture

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A ring is the memory that the kernel fills with packets, TPACKET_V3 of packet(7) and the kernel's
// Documentation/networking/packet_mmap.rst: blocks of packets that change hands by a status word.
type ring struct {
	mem    []byte
	blocks int
	block  int // the one that is read, or will be next
	held   bool
	left   int // packets in the block that is held
	at     int // of the next of them, in mem
}

const (
	ringBlock = 256 << 10 // bytes; larger than any packet that a card or an offload makes
	minBlocks = 4
	// blockTimeout is when the kernel hands over a block that is not full. It is what a packet waits at most in
	// quiet times.
	blockTimeout = 10 * time.Millisecond
	// ringReserve is room before every packet for a VLAN tag and an SLL2 header, which are put in there later.
	ringReserve = 4 + sll2Header
	sll2Header  = 20
)

// Offsets in struct tpacket_block_desc, linux/if_packet.h.
const (
	blockStatus = 8
	blockCount  = 12
	blockFirst  = 16
)

// Offsets in struct tpacket3_hdr, which a struct sockaddr_ll follows.
const (
	headNext     = 0
	headSeconds  = 4
	headNanos    = 8
	headCaptured = 12
	headWire     = 16
	headStatus   = 20
	headMAC      = 24
	headVLAN     = 32
	headVLANType = 36
	headAddress  = 48 // protocol at 2, interface at 4, hardware type at 8, packet type at 10, address length at 11, address at 12
	headSize     = headAddress + 20
)

// mapRing gives a socket its ring. It must happen before the socket is bound.
func mapRing(fd, size int) (*ring, error) {
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return nil, os.NewSyscallError("setsockopt PACKET_VERSION", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_RESERVE, ringReserve); err != nil {
		return nil, os.NewSyscallError("setsockopt PACKET_RESERVE", err)
	}
	blocks := max(size/ringBlock, minBlocks)
	req := unix.TpacketReq3{Block_size: ringBlock, Block_nr: uint32(blocks), Frame_size: ringBlock, Frame_nr: uint32(blocks),
		Retire_blk_tov: uint32(blockTimeout / time.Millisecond)}
	if err := unix.SetsockoptTpacketReq3(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &req); err != nil {
		return nil, fmt.Errorf("a buffer of %d bytes: %w", blocks*ringBlock, os.NewSyscallError("setsockopt PACKET_RX_RING", err))
	}
	mem, err := unix.Mmap(fd, 0, blocks*ringBlock, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, os.NewSyscallError("mmap", err)
	}
	return &ring{mem: mem, blocks: blocks}, nil
}

func (r *ring) close() error { return unix.Munmap(r.mem) }

// status is the word by which a block changes hands; it orders the memory around it.
func (r *ring) status() *atomic.Uint32 {
	return (*atomic.Uint32)(unsafe.Pointer(&r.mem[r.block*ringBlock+blockStatus]))
}

// acquire takes the next block if the kernel has handed it over. The one before goes back to the kernel.
func (r *ring) acquire() bool {
	if r.held {
		r.status().Store(unix.TP_STATUS_KERNEL)
		r.block = (r.block + 1) % r.blocks
		r.held = false
	}
	if r.status().Load()&unix.TP_STATUS_USER == 0 {
		return false
	}
	base := r.block * ringBlock
	ne := binary.NativeEndian
	r.held, r.left = true, int(ne.Uint32(r.mem[base+blockCount:]))
	r.at = base + int(ne.Uint32(r.mem[base+blockFirst:]))
	return true
}

// A ringPacket is one packet where it lies in the ring.
type ringPacket struct {
	head []byte // tpacket3_hdr and sockaddr_ll
	room []byte // from the reserved bytes on, to the packet's end
	off  int    // of the packet in room
	time int64
	wire int
}

// next gives the next packet of the block that is held; left must be above 0. ok is false for a packet whose
// header makes no sense.
func (r *ring) next(p *ringPacket) (ok bool) {
	ne := binary.NativeEndian
	end := (r.block + 1) * ringBlock
	if r.at < 0 || r.at+headSize > end {
		r.left = 0
		return false
	}
	head := r.mem[r.at:end]
	mac, captured := int(ne.Uint16(head[headMAC:])), int(ne.Uint32(head[headCaptured:]))
	step := int(ne.Uint32(head[headNext:]))
	r.left--
	if r.left > 0 && step <= 0 {
		r.left = 0
	}
	r.at += step
	if mac < headSize+ringReserve || captured < 0 || mac+captured > len(head) {
		return false
	}
	p.head = head[:headSize]
	p.room, p.off = head[mac-ringReserve:mac+captured], ringReserve
	p.time = int64(ne.Uint32(head[headSeconds:]))*int64(time.Second) + int64(ne.Uint32(head[headNanos:]))
	p.wire = int(ne.Uint32(head[headWire:]))
	return true
}

// vlan puts back the tag that the card or the kernel took out of a frame. at is where it stood: after the two
// addresses of Ethernet, or at the start of a cooked packet, whose EtherType then is kept behind the tag.
func (p *ringPacket) vlan(at int) (tpid uint16, tagged bool) {
	ne := binary.NativeEndian
	status := ne.Uint32(p.head[headStatus:])
	if status&unix.TP_STATUS_VLAN_VALID == 0 || len(p.room) < p.off+at {
		return 0, false
	}
	tpid = etherVLAN
	if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		tpid = ne.Uint16(p.head[headVLANType:])
	}
	p.off -= 4
	p.wire += 4
	frame := p.room[p.off:]
	copy(frame, frame[4:4+at])
	tag := binary.BigEndian.AppendUint16(frame[at:at:at+4], tpid)
	_ = binary.BigEndian.AppendUint16(tag, uint16(ne.Uint32(p.head[headVLAN:])))
	return tpid, true
}

// cook puts an SLL2 header before a packet that has no link header, as LINKTYPE_LINUX_SLL2 describes it.
func (p *ringPacket) cook() {
	be, ne := binary.BigEndian, binary.NativeEndian
	address := p.head[headAddress:]
	protocol := be.Uint16(address[2:])
	if tpid, tagged := p.vlan(0); tagged {
		be.PutUint16(p.room[p.off:], be.Uint16(p.room[p.off+2:])) // of the tag the TCI and the inner type follow the header
		be.PutUint16(p.room[p.off+2:], protocol)
		protocol = tpid
	}
	p.off -= sll2Header
	p.wire += sll2Header
	h := p.room[p.off:]
	be.PutUint16(h, protocol)
	be.PutUint16(h[2:], 0)
	be.PutUint32(h[4:], ne.Uint32(address[4:]))
	be.PutUint16(h[8:], ne.Uint16(address[8:]))
	h[10] = address[10]
	h[11] = min(address[11], 8)
	copy(h[12:20], address[12:20])
}
