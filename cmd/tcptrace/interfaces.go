package main

import (
	"bufio"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tcptrace/capture"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/words"
)

func newInterfaces(u *ui) *cobra.Command {
	w := words.NewLive(u.lang)
	return &cobra.Command{
		Use: "interfaces", Short: w.Interfaces(), Long: w.InterfacesLong(), Example: "  tcptrace interfaces", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			list, err := capture.Interfaces()
			if err != nil {
				return &captureError{err, ""}
			}
			for i := range list {
				if _, err := fmt.Fprint(u.out, describeInterface(&list[i], w)); err != nil {
					return &outputError{err}
				}
			}
			return nil
		},
	}
}

// describeInterface is a line for the interface and one for each of its addresses and Picos.
func describeInterface(i *capture.Interface, w words.Live) string {
	state := w.StateDown()
	switch {
	case i.Up && i.Running:
		state = w.StateUp()
	case i.Up:
		state = w.StateNoCarrier()
	}
	link := i.LinkType
	if link == "" {
		link = "-"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%-15s %-14s %-10s %s\n", i.Name, state, link, i.MAC)
	for _, a := range i.Addresses {
		fmt.Fprintf(&b, "    %s\n", a)
	}
	for _, n := range picosOf(i) {
		fmt.Fprintf(&b, "    %s\n", w.PicoHere(n.Addr.String()))
	}
	return document.VisibleLines(b.String())
}

// picosOf are the neighbours with a MAC address of Raspberry Pi.
func picosOf(i *capture.Interface) (list []capture.Neighbour) {
	for _, n := range i.Neighbours {
		if sessions.IsPicoOUI(n.MAC) {
			list = append(list, n)
		}
	}
	return list
}

// chooseInterface finds the interface for a capture without -i: the one with the route to the Pico, or the one that
// the user names; without a terminal it says what to type.
func (r *liveRun) chooseInterface() (string, error) {
	if r.flags.pico != "" {
		return r.routeToPico()
	}
	list, err := capture.Interfaces()
	if err != nil {
		return "", &captureError{err, ""}
	}
	r.u.printf("%s", r.w.WhichInterface())
	likely := 0
	for k := range list {
		if len(picosOf(&list[k])) > 0 && likely == 0 {
			likely = k + 1
		}
		fmt.Fprintf(r.u.err, "%3d  %s", k+1, strings.ReplaceAll(describeInterface(&list[k], r.w), "\n    ", "\n         "))
	}
	if !r.u.process || !r.u.errIsTTY || !term.IsTerminal(int(os.Stdin.Fd())) {
		return "", &usageError{r.w.NeedInterface(), "tcptrace live -i " + likelyName(list, likely)}
	}
	for lines := bufio.NewReader(os.Stdin); ; {
		fmt.Fprint(r.u.err, r.w.AskInterface(likelyName(list, likely)))
		answer, err := lines.ReadString('\n')
		if err != nil {
			return "", &usageError{r.w.NeedInterface(), "tcptrace live -i " + likelyName(list, likely)}
		}
		if answer = strings.TrimSpace(answer); answer == "" {
			return likelyName(list, likely), nil
		}
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(list) {
			return list[n-1].Name, nil
		}
		for k := range list {
			if list[k].Name == answer {
				return answer, nil
			}
		}
	}
}

// likelyName is the interface with a Pico, else the first one that is up and is not the loopback.
func likelyName(list []capture.Interface, likely int) string {
	if likely > 0 {
		return list[likely-1].Name
	}
	for _, i := range list {
		if i.Up && !i.Loopback && len(i.Addresses) > 0 {
			return i.Name
		}
	}
	return "lo"
}

func (r *liveRun) routeToPico() (string, error) {
	host, err := netip.ParseAddr(r.flags.pico)
	if err != nil {
		return "", &usageError{r.u.words().BadHost() + ": " + r.flags.pico, "--pico 192.168.1.57"}
	}
	name, err := capture.RouteTo(host)
	if err != nil || name == "" {
		return "", &usageError{fmt.Sprintf("%s: %s", host, r.w.NoRoute()), r.w.HintInterfaces(interfaceNames())}
	}
	return name, nil
}

// interfaceNames are the names of all interfaces, for a hint.
func interfaceNames() string {
	list, err := capture.Interfaces()
	if err != nil {
		return "?"
	}
	var names []string
	for _, i := range list {
		names = append(names, i.Name)
	}
	return strings.Join(names, ", ")
}

// executable is the path of this program, for a command that the user types.
func executable() string {
	path, err := os.Executable()
	if err != nil {
		return "$(which tcptrace)"
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	return path
}

// existing is a folder, or the nearest one above it that exists.
func existing(dir string) string {
	for {
		if st, err := os.Stat(dir); err == nil && st.IsDir() {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return dir
		}
		dir = up
	}
}
