package capture

import (
	"net/netip"
	"testing"
	"time"
)

func TestARPTable(t *testing.T) {
	const table = `IP address       HW type     Flags       HW address            Mask     Device
192.168.1.57     0x1         0x2         28:cd:c1:0a:5b:57     *        wlan0
192.168.1.99     0x1         0x0         00:00:00:00:00:00     *        wlan0
192.168.1.1      0x1         0x2         3c:7c:3f:2a:10:03     *        eth0
broken line
`
	got := parseARPTable([]byte(table))
	want := Neighbour{netip.MustParseAddr("192.168.1.57"), MAC{0x28, 0xcd, 0xc1, 0x0a, 0x5b, 0x57}}
	if len(got) != 2 || len(got["wlan0"]) != 1 || got["wlan0"][0] != want || len(got["eth0"]) != 1 {
		t.Errorf("%v", got)
	}
}

func TestInterfacesHaveLoopback(t *testing.T) {
	list, err := Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range list {
		if i.Loopback {
			if i.LinkType != "EN10MB" || i.Index == 0 {
				t.Errorf("%+v", i)
			}
			return
		}
	}
	t.Error("no loopback interface")
}

// A clock that is set while packets come is told with the amount; one that runs is not.
func TestClockSetBackIsTold(t *testing.T) {
	var told []Notice
	w, err := newLinkWatch(AnyInterface, netInterface{}, func(n Notice) { told = append(told, n) })
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if err := w.look(); err != nil || len(told) != 0 {
		t.Fatalf("nobody set the clock: %v, %v", told, err)
	}
	w.wall += int64(time.Hour) // as if the clock had been an hour ahead at the last look
	if err := w.look(); err != nil || len(told) != 1 {
		t.Fatalf("%v, %v", told, err)
	}
	if n := told[0]; n.Kind != NoticeClock || (n.Shift+time.Hour).Abs() > time.Minute {
		t.Errorf("%+v", n)
	}
	if err := w.look(); err != nil || len(told) != 1 {
		t.Errorf("told again: %v, %v", told, err)
	}
}
