package capture

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"tcptrace/capture/bpf"
)

// inNamespace runs the calling test again in a network namespace of its own, with two interfaces left and right that
// are joined by a cable, and reports whether this is that run. It needs root, or a kernel that gives everybody user
// namespaces.
func inNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv("TCPTRACE_TEST_NAMESPACE") != "" {
		for _, command := range []string{
			"link set lo up", "link add left type veth peer name right", "link set left up", "link set right up",
		} {
			ip(t, command)
		}
		return true
	}
	if _, err := exec.LookPath("ip"); err != nil {
		t.Skip("the program ip is not installed")
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), "TCPTRACE_TEST_NAMESPACE=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: unix.CLONE_NEWNET}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= unix.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &failed):
		t.Skipf("no network namespaces here: %v", err)
	case err != nil:
		t.Errorf("in the namespace: %v\n%s", err, out)
	case bytes.Contains(out, []byte("--- SKIP")):
		t.Skipf("in the namespace: %s", out)
	default:
		t.Logf("in the namespace: %s", out)
	}
	return false
}

func ip(t *testing.T, arguments string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(arguments)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s", arguments, err, out)
	}
}

// A wire puts frames on an interface.
type wire struct {
	t    *testing.T
	fd   int
	addr unix.SockaddrLinklayer
}

func newWire(t *testing.T, name string) *wire {
	t.Helper()
	i, err := net.InterfaceByName(name)
	if err != nil {
		t.Fatal(err)
	}
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return &wire{t, fd, unix.SockaddrLinklayer{Ifindex: i.Index}}
}

func (w *wire) send(frames ...[]byte) {
	w.t.Helper()
	for _, f := range frames {
		if err := unix.Sendto(w.fd, f, 0, &w.addr); err != nil {
			w.t.Fatal(err)
		}
	}
}

// testFrame is a UDP datagram from 10.0.0.1 to port 4000 + n%2 of 10.0.0.2, with n in its payload.
func testFrame(n int) []byte {
	f := make([]byte, 14+20+8+18)
	copy(f, []byte{2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0, 0, 46, 0, 0, 0x40, 0, 64, protoUDP})
	copy(f[26:], []byte{10, 0, 0, 1, 10, 0, 0, 2})
	be := binary.BigEndian
	be.PutUint16(f[34:], 999)
	be.PutUint16(f[36:], uint16(4000+n%2))
	be.PutUint16(f[38:], 26)
	be.PutUint32(f[42:], uint32(n))
	return f
}

// A listener captures in the background.
type listener struct {
	t      *testing.T
	live   *Live
	end    context.CancelFunc
	done   chan error
	frames [][]byte
	links  []uint16
	times  []int64
	notice chan Notice
}

func listen(t *testing.T, name, filter string, o LiveOptions) *listener {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := &listener{t: t, end: cancel, done: make(chan error, 1), notice: make(chan Notice, 100)}
	var err error
	if o.Filter, err = bpf.Parse(filter); err != nil {
		t.Fatal(err)
	}
	o.Notice = func(n Notice) { l.notice <- n }
	o.Tap = func(p Packet) {
		l.frames = append(l.frames, bytes.Clone(p.Data))
		l.links = append(l.links, p.LinkType)
		l.times = append(l.times, p.Time)
	}
	if l.live, err = OpenLive(ctx, name, o); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *listener) start() *listener {
	go func() {
		var ev Event
		for {
			if err := l.live.Next(&ev); err != nil {
				l.done <- err
				return
			}
		}
	}()
	return l
}

// stop ends the capture and returns what ended it.
func (l *listener) stop() error {
	l.t.Helper()
	l.end()
	select {
	case err := <-l.done:
		if err := l.live.Close(); err != nil {
			l.t.Error(err)
		}
		return err
	case <-time.After(10 * time.Second):
		l.t.Fatal("the capture does not end")
		return nil
	}
}

func (l *listener) exact(sent int) Counters {
	l.t.Helper()
	c := l.live.Counters()
	if c.Seen != int64(sent) || c.Seen != c.Filtered+c.Captured+c.KernelDropped+c.OurDropped {
		l.t.Errorf("%d packets were sent: %+v", sent, c)
	}
	return c
}

func TestLiveFrames(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	quietIPv6(t)
	var sent [][]byte
	sent = append(sent, recordsOf("testdata/pico-normal.pcap", linkEthernet)...)
	tagged := append(bytes.Clone(testFrame(1)[:12]), 0x81, 0, 0x20, 5)
	sent = append(sent, append(tagged, testFrame(1)[12:]...), bytes.Repeat([]byte{2}, 1500))
	before := time.Now().UnixNano()
	l := listen(t, "left", "", LiveOptions{}).start()
	newWire(t, "right").send(sent...)
	if err := l.stop(); err != io.EOF {
		t.Fatal(err)
	}
	if len(sent) < 20 || len(l.frames) != len(sent) {
		t.Fatalf("%d frames sent, %d captured", len(sent), len(l.frames))
	}
	for i := range sent {
		if !bytes.Equal(sent[i], l.frames[i]) {
			t.Errorf("frame %d: sent % x, captured % x", i+1, sent[i], l.frames[i])
		}
		if l.times[i] < before || i > 0 && l.times[i] < l.times[i-1] {
			t.Errorf("frame %d has time %d", i+1, l.times[i])
		}
	}
	l.exact(len(sent))
	info := l.live.Info()
	if info.Packets != int64(len(sent)) || !info.HasKernelDropped || info.KernelDropped != 0 || info.TCPPackets == 0 {
		t.Errorf("%+v", info)
	}
}

// quietIPv6 keeps the kernel from sending anything by itself.
func quietIPv6(t *testing.T) {
	t.Helper()
	for _, name := range []string{"left", "right"} {
		file := "/proc/sys/net/ipv6/conf/" + name + "/disable_ipv6"
		if err := os.WriteFile(file, []byte("1"), 0o644); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Skipf("cannot silence IPv6: %v", err)
		}
	}
}

func TestLiveFilterCounts(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	quietIPv6(t)
	l := listen(t, "left", "udp port 4001", LiveOptions{}).start()
	w := newWire(t, "right")
	for n := range 5001 {
		w.send(testFrame(n))
	}
	if err := l.stop(); err != io.EOF {
		t.Fatal(err)
	}
	c := l.exact(5001)
	if c.Captured != 2500 || c.Filtered != 2501 || !c.Exact {
		t.Errorf("%+v", c)
	}
	for i, f := range l.frames {
		if n := binary.BigEndian.Uint32(f[42:]); n != uint32(2*i+1) {
			t.Fatalf("packet %d is number %d", i, n)
		}
	}
}

// Nobody reads while more is sent than the buffer holds: what is lost is counted to the packet.
func TestLiveDropsAreCounted(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	quietIPv6(t)
	l := listen(t, "left", "udp", LiveOptions{Buffer: 1})
	w := newWire(t, "right")
	const sent = 20_000
	for n := range sent {
		w.send(testFrame(n))
	}
	l.start()
	if err := l.stop(); err != io.EOF {
		t.Fatal(err)
	}
	c := l.exact(sent)
	if c.KernelDropped == 0 || c.Captured == 0 || int(c.Captured) != len(l.frames) {
		t.Errorf("%+v, %d frames", c, len(l.frames))
	}
	if info := l.live.Info(); info.KernelDropped != c.KernelDropped {
		t.Errorf("the report would say %d drops, not %d", info.KernelDropped, c.KernelDropped)
	}
}

// On the loopback interface every packet leaves and comes in: it is one packet.
func TestLiveLoopbackOnce(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	lo := listen(t, "lo", "udp port 5000", LiveOptions{}).start()
	all := listen(t, AnyInterface, "udp port 5000", LiveOptions{}).start()
	// Without a receiver the kernel would refuse every second datagram.
	receiver, err := net.ListenPacket("udp", "127.0.0.1:5000")
	if err != nil {
		t.Fatal(err)
	}
	defer receiver.Close()
	c, err := net.Dial("udp", "127.0.0.1:5000")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for n := range 10 {
		_, _ = fmt.Fprintf(c, "number %d", n)
	}
	for name, l := range map[string]*listener{"lo": lo, "any": all} {
		if err := l.stop(); err != io.EOF {
			t.Fatal(err)
		}
		if len(l.frames) != 10 {
			t.Errorf("%s: %d packets of 10", name, len(l.frames))
		}
	}
	loopback, _ := net.InterfaceByName("lo")
	for i, f := range all.frames {
		want := append([]byte{8, 0, 0, 0, 0, 0, 0, byte(loopback.Index), 0x03, 0x04, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0}, lo.frames[i][14:]...)
		if !bytes.Equal(f, want) || all.links[i] != linkSLL2 {
			t.Errorf("any: link type %d, % x, want % x", all.links[i], f, want)
		}
	}
}

func TestLiveInterfaceChanges(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	quietIPv6(t)
	l := listen(t, "left", "udp", LiveOptions{}).start()
	w := newWire(t, "right")
	w.send(testFrame(0))
	expect := func(kind NoticeKind) Notice {
		t.Helper()
		select {
		case n := <-l.notice:
			if n.Kind != kind {
				t.Fatalf("told %+v, want kind %d", n, kind)
			}
			return n
		case <-time.After(10 * time.Second):
			t.Fatalf("kind %d is not told", kind)
			return Notice{}
		}
	}
	ip(t, "link set left mtu 1400")
	if n := expect(NoticeMTU); n.Interface != "left" || n.OldMTU != 1500 || n.NewMTU != 1400 {
		t.Errorf("%+v", n)
	}
	ip(t, "link set left down")
	if n := expect(NoticeDown); n.Interface != "left" {
		t.Errorf("%+v", n)
	}
	ip(t, "link set left name middle")
	if n := expect(NoticeRenamed); n.Interface != "left" || n.New != "middle" {
		t.Errorf("%+v", n)
	}
	ip(t, "link set middle up")
	expect(NoticeUp)
	w.send(testFrame(1))
	ip(t, "link del middle")
	select {
	case err := <-l.done:
		if !errors.Is(err, ErrInterfaceGone) || !strings.Contains(err.Error(), "middle") {
			t.Errorf("ended by %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nothing is told about the lost interface")
	}
	if len(l.frames) != 2 {
		t.Errorf("%d packets of 2", len(l.frames))
	}
}

func TestLiveRefused(t *testing.T) {
	if _, err := OpenLive(context.Background(), "nosuch0", LiveOptions{}); !errors.Is(err, ErrNoInterface) || !strings.Contains(err.Error(), "nosuch0") {
		t.Errorf("an unknown interface gave %v", err)
	}
	if os.Geteuid() == 0 {
		t.Skip("root may capture")
	}
	if _, err := OpenLive(context.Background(), "lo", LiveOptions{}); !errors.Is(err, ErrNoPermission) {
		t.Errorf("without permission: %v", err)
	}
}

// tcpdump sees the same packets in the same order.
func TestLiveBesideTcpdump(t *testing.T) {
	if !inNamespace(t) {
		return
	}
	if _, err := exec.LookPath("tcpdump"); err != nil {
		t.Skip("tcpdump is not installed")
	}
	quietIPv6(t)
	for _, name := range []string{"left", AnyInterface} {
		t.Run(name, func(t *testing.T) { besideTcpdump(t, name) })
	}
}

func besideTcpdump(t *testing.T, name string) {
	const expression = "tcp port 9001 or udp port 4001 or arp"
	file := t.TempDir() + "/oracle.pcap"
	// In immediate mode each packet takes 256 KiB of its buffer.
	cmd := exec.Command("tcpdump", "-i", name, "-U", "--immediate-mode", "-B", "32768", "-w", file, "-Z", "root", expression)
	stderr, _ := cmd.StderrPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := bufio.NewReader(stderr)
	for {
		line, err := said.ReadString('\n')
		if err != nil {
			t.Skipf("tcpdump: %s", line)
		}
		if strings.Contains(line, "listening") {
			break
		}
	}
	l := listen(t, name, expression, LiveOptions{}).start()
	w := newWire(t, "right")
	w.send(recordsOf("testdata/pico-normal.pcap", linkEthernet)...)
	for n := range 20 {
		w.send(testFrame(n))
	}
	if err := l.stop(); err != io.EOF {
		t.Fatal(err)
	}
	for range 100 { // tcpdump forgets what it has not read when it is told to end
		if len(recordsOf(file, l.links[0])) >= min(len(l.frames), maxFilterPackets) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	_ = cmd.Process.Signal(syscall.SIGTERM)
	defer time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() }).Stop()
	_, _ = io.Copy(io.Discard, stderr)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	var want [][]byte
	src, err := Open(file, OpenOptions{Tap: func(p Packet) { want = append(want, bytes.Clone(p.Data)) }})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	for ev := new(Event); err == nil; {
		err = src.Next(ev)
	}
	if len(want) < 40 || len(want) != len(l.frames) {
		t.Fatalf("tcpdump has %d packets, we have %d", len(want), len(l.frames))
	}
	for i := range want {
		if !bytes.Equal(want[i], l.frames[i]) {
			t.Fatalf("packet %d: tcpdump has\n% x, we have\n% x", i+1, want[i], l.frames[i])
		}
	}
	t.Logf("%d packets", len(want))
}
