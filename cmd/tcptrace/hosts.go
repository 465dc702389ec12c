package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"strconv"

	"github.com/spf13/cobra"

	"tcptrace/render"
	"tcptrace/render/document"
	"tcptrace/sessions"
	"tcptrace/sessions/traffic"
	"tcptrace/words"
)

// hostsFlags are the words of `tcptrace hosts` beside the selection.
type hostsFlags struct {
	selection
	format string
}

func newHosts(u *ui) *cobra.Command {
	w, hw := u.words(), words.NewHosts(u.lang)
	h := &hostsFlags{}
	c := &cobra.Command{
		Use: "hosts CAPTURE", Short: hw.Short(), Long: hw.Long(), Example: hw.Example(), Args: oneCapture(w),
		RunE: func(c *cobra.Command, args []string) error {
			return h.run(c.Context(), u, hw, args[0], c.Flags().Changed("format"))
		},
	}
	f := c.Flags()
	f.StringArrayVar(&h.hosts, "host", nil, w.FlagHost())
	f.StringArrayVar(&h.ports, "port", nil, w.FlagPort())
	f.Int64Var(&h.maxUnpacked, "max-unpacked", 0, w.FlagMaxUnpacked())
	f.StringVar(&h.format, "format", hostsFormats[0], hw.FlagFormat())
	complete(c, "format", hostsFormats...)
	return c
}

var hostsFormats = []string{"markdown", "csv", "json"}

func (h *hostsFlags) run(ctx context.Context, u *ui, w words.Hosts, path string, asked bool) error {
	if h.format != "markdown" && h.format != "csv" && h.format != "json" {
		return &usageError{u.words().BadFormat() + ": " + h.format, "markdown, csv, json"}
	}
	o, err := h.options(u.words())
	if err != nil {
		return err
	}
	o.AllPorts = len(o.Ports) == 0
	o.Keep(sessions.ForTotals)
	o.Shown = 0
	m := traffic.NewMeter()
	m.Watch(&o)
	tr, readErr := h.load(ctx, u, path, o)
	if tr == nil {
		return readErr
	}
	all := m.Services()
	switch {
	case h.format == "csv":
		err = writeServicesCSV(u, all)
	case h.format == "json":
		err = writeServicesJSON(u, all)
	case len(all.All) == 0:
		_, err = u.out.WriteString(w.Nothing() + "\n")
	default:
		err = h.table(u, w, all, u.outIsTTY && !asked)
	}
	if err != nil {
		return &outputError{err}
	}
	return readErr
}

// table prints the services for a person.
func (h *hostsFlags) table(u *ui, w words.Hosts, all traffic.Services, terminal bool) error {
	t := render.Services(all, u.lang)
	if all.Part > 0 {
		t.Notes = append(t.Notes, document.NewCell(document.Plain, w.Part(render.WordsFor(u.lang).Duration(all.Part))))
	}
	if all.Others > 0 {
		t.Notes = append(t.Notes, document.NewCell(document.Plain, w.Others(all.Others)))
	}
	d := &document.Document{Lang: u.lang}
	d.Add(document.TableBlock{Table: t})
	if terminal {
		return u.writeLines(u.screen().Document(d))
	}
	return d.WriteMarkdown(u.out, document.MarkdownOptions{Align: true})
}

// serviceFields are the columns of the CSV and the members of the JSON, in order.
var serviceFields = []string{"host", "port", "sessions", "packets", "client_bytes", "server_bytes", "responses", "response_p50_s", "response_p95_s", "response_max_s"}

func serviceValues(s *traffic.Service) []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	values := []string{s.Address.Addr().String(), strconv.Itoa(int(s.Address.Port())), number(s.Sessions), number(s.Packets), number(s.Bytes[0]), number(s.Bytes[1]),
		number(s.Response.N), "", "", ""}
	if r := &s.Response; r.N > 0 {
		values[7], values[8], values[9] = seconds(r.P50.Seconds()), seconds(r.P95.Seconds()), seconds(r.Max.Seconds())
	}
	return values
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 6, 64) }

func writeServicesCSV(u *ui, all traffic.Services) error {
	out := csv.NewWriter(u.out)
	_ = out.Write(serviceFields) // Flush tells
	for i := range all.All {
		_ = out.Write(serviceValues(&all.All[i]))
	}
	out.Flush()
	return out.Error()
}

// A serviceObject is a service in JSON. Times are seconds, null where no response was seen.
type serviceObject struct {
	Host      string       `json:"host"`
	Port      uint16       `json:"port"`
	Sessions  int64        `json:"sessions"`
	Packets   int64        `json:"packets"`
	Client    int64        `json:"client_bytes"`
	Server    int64        `json:"server_bytes"`
	Responses int64        `json:"responses"`
	P50       *json.Number `json:"response_p50_s"`
	P95       *json.Number `json:"response_p95_s"`
	Max       *json.Number `json:"response_max_s"`
	Rate      []int64      `json:"rate_bytes"`
}

func writeServicesJSON(u *ui, all traffic.Services) error {
	out := struct {
		Schema   string          `json:"schema"`
		Part     *json.Number    `json:"rate_part_s"`
		Services []serviceObject `json:"services"`
		Others   int64           `json:"other_packets"`
	}{Schema: "tcptrace-hosts/1", Others: all.Others, Services: []serviceObject{}}
	value := func(text string) *json.Number {
		if text == "" {
			return nil
		}
		n := json.Number(text)
		return &n
	}
	if all.Part > 0 {
		out.Part = value(seconds(all.Part.Seconds()))
	}
	for i := range all.All {
		s := &all.All[i]
		v := serviceValues(s)
		out.Services = append(out.Services, serviceObject{v[0], s.Address.Port(), s.Sessions, s.Packets, s.Bytes[0], s.Bytes[1], s.Response.N,
			value(v[7]), value(v[8]), value(v[9]), s.Rate})
	}
	e := json.NewEncoder(u.out)
	e.SetIndent("", " ")
	return e.Encode(out)
}
