// Package page writes the interactive page: one file that needs nothing else and asks no network, with the conversations as data,
// the script that draws them, and parts of a document behind. It knows nothing of TCP: what is drawn, and its words, come as
// data, and so does every decision (package conversation).
package page

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"strings"
)

// The script and the style, built from src by render/page/build.
var (
	//go:embed dist/page.js
	script []byte
	//go:embed dist/page.css
	style []byte
)

// A Page is one file.
type Page struct {
	Lang, Title string
	Data        []Data // the conversations; the first one is shown first
	Plots       []Plot
	Sections    []Section // what stands behind the picture
	Live        string    // path of the events of a page that grows; "" for a finished one
	Start       string    // what is shown first, as the part of an address behind # names it; "" for the beginning
	NoScript    string    // what a browser without scripts shows
}

// Data is one conversation: a small head as JSON, and its rows.
type Data struct {
	Head    any
	Columns *Columns
}

// State is the data as one line of JSON, for a page that grows (Page.Live).
func (d *Data) State() ([]byte, error) {
	return json.Marshal(struct {
		Head    any    `json:"head"`
		Columns string `json:"columns"`
	}{d.Head, string(d.Columns.Encode())})
}

// A Plot is a static drawing that the page makes live.
type Plot struct {
	Name   string `json:"name"`
	Alt    string `json:"alt"`
	SVG    string `json:"svg"`
	Points any    `json:"points"` // places in the drawing that stand for frames; nil for none
}

// A Section is a part of a document, as HTML.
type Section struct {
	ID   string
	Lang string // "" when it is shown in every language
	Body []byte // HTML without scripts and style attributes
}

// Write writes the page. The error is the writer's.
func (p *Page) Write(w io.Writer) error {
	b, err := p.Append(nil)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

// Append appends the page.
func (p *Page) Append(dst []byte) ([]byte, error) {
	b := bytes.NewBuffer(dst)
	b.WriteString("<!DOCTYPE html>\n<html lang=\"" + html.EscapeString(p.Lang) + "\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n" +
		"<meta http-equiv=\"Content-Security-Policy\" content=\"" + p.Policy() + "\">\n" +
		"<title>" + html.EscapeString(p.Title) + "</title>\n<style>")
	b.Write(style)
	b.WriteString("</style>\n</head>\n<body")
	if p.Live != "" {
		b.WriteString(" data-live=\"" + html.EscapeString(p.Live) + "\"")
	}
	if p.Start != "" {
		b.WriteString(" data-start=\"" + html.EscapeString(p.Start) + "\"")
	}
	b.WriteString(">\n<div id=\"app\"><noscript>" + html.EscapeString(p.NoScript) + "</noscript></div>\n<div id=\"document\">\n")
	for _, s := range p.Sections {
		b.WriteString("<section class=\"part\" data-part=\"" + html.EscapeString(s.ID) + "\"")
		if s.Lang != "" {
			b.WriteString(" lang=\"" + html.EscapeString(s.Lang) + "\"")
		}
		b.WriteString(">\n")
		b.Write(s.Body)
		b.WriteString("</section>\n")
	}
	b.WriteString("</div>\n")
	for _, d := range p.Data {
		head, err := json.Marshal(d.Head) // it writes < as \u003c
		if err != nil {
			return nil, err
		}
		b.WriteString("<script type=\"application/json\" class=\"head\">")
		b.Write(head)
		b.WriteString("</script>\n<script type=\"text/plain\" class=\"columns\">")
		b.Write(d.Columns.Encode())
		b.WriteString("</script>\n")
	}
	if len(p.Plots) > 0 {
		plots, err := json.Marshal(p.Plots)
		if err != nil {
			return nil, err
		}
		b.WriteString("<script type=\"text/plain\" class=\"plots\">")
		b.Write(packed(plots))
		b.WriteString("</script>\n")
	}
	b.WriteString("<script>")
	b.Write(script)
	b.WriteString("</script>\n</body>\n</html>\n")
	return b.Bytes(), nil
}

// Policy is the page's content security policy: its own script and style and nothing else; a live page may ask its server.
func (p *Page) Policy() string {
	connect := "'none'"
	if p.Live != "" {
		connect = "'self'"
	}
	return strings.Join([]string{"default-src 'none'", "script-src " + hash(script), "style-src " + hash(style), "img-src data:",
		"connect-src " + connect, "base-uri 'none'", "form-action 'none'"}, "; ")
}

// hash is a source's name in a policy.
func hash(source []byte) string {
	sum := sha256.Sum256(source)
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
