package document

import (
	"bytes"
	"encoding/base64"
	"io"
	"strconv"
)

// htmlStyle is plain: the reader's own colours, light or dark, and tables that do not break in print.
const htmlStyle = `:root{color-scheme:light dark;--line:#8886;--soft:#8881}
body{font:16px/1.5 system-ui,sans-serif;max-width:80rem;margin:2rem auto;padding:0 1rem}
h1,h2,h3{line-height:1.2;margin:2em 0 .6em}
h1{margin-top:0}
h2{border-bottom:1px solid var(--line);padding-bottom:.2em}
.wide{overflow-x:auto;margin:1em 0}
table{border-collapse:collapse;font-size:.9em;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:bold;padding:.3em 0}
th,td{border:1px solid var(--line);padding:.25em .6em;text-align:left;vertical-align:top}
th{background:var(--soft)}
.n{text-align:right;white-space:nowrap}
code{font:.92em ui-monospace,monospace;background:var(--soft);border-radius:3px;padding:0 .25em;overflow-wrap:anywhere}
pre{background:var(--soft);border-radius:3px;padding:.6em;overflow-x:auto;line-height:1.35}
pre code{padding:0;background:none}
figure{margin:1em 0}
figure svg,figure img{max-width:100%;height:auto;background:#fff}
@media print{pre{white-space:pre-wrap}body{max-width:none;margin:0;font-size:10pt}.wide{overflow:visible}tr,figure{break-inside:avoid}h2,h3,caption{break-after:avoid}thead{display:table-header-group}}
`

// WriteHTML prints the document as one HTML page that needs nothing else: no scripts, no fonts, no
// network, which its policy also forbids. The error is the writer's.
func (d *Document) WriteHTML(w io.Writer) error {
	_, err := w.Write(d.AppendHTML(nil))
	return err
}

// AppendHTML appends the document as WriteHTML prints it.
func (d *Document) AppendHTML(dst []byte) []byte {
	dst = append(dst, "<!DOCTYPE html>\n<html lang=\""...)
	dst = appendHTMLText(dst, d.Lang)
	dst = append(dst, "\">\n<head>\n<meta charset=\"utf-8\">\n"+
		"<meta name=\"viewport\" content=\"width=device-width\">\n"+
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"+
		"<title>"...)
	dst = appendHTMLText(dst, d.Title)
	dst = append(dst, "</title>\n<style>\n"+htmlStyle+"</style>\n</head>\n<body>\n"...)
	return append(d.AppendHTMLBlocks(dst), "</body>\n</html>\n"...)
}

// AppendHTMLBlocks appends the blocks alone, as a part of a page.
func (d *Document) AppendHTMLBlocks(dst []byte) []byte {
	for _, b := range d.Blocks {
		dst = appendHTMLBlock(dst, b)
	}
	return dst
}

func appendHTMLBlock(dst []byte, b Block) []byte {
	switch b := b.(type) {
	case Heading:
		level := strconv.Itoa(min(max(b.Level, 1), 6))
		dst = append(dst, "<h"+level...)
		if b.ID != "" {
			dst = append(dst, " id=\""...)
			dst = appendHTMLText(dst, b.ID)
			dst = append(dst, '"')
		}
		dst = append(dst, '>')
		dst = appendHTMLInline(dst, b.Text)
		return append(dst, "</h"+level+">\n"...)
	case Paragraph:
		dst = append(dst, "<p>"...)
		dst = appendHTMLInline(dst, b.Text)
		return append(dst, "</p>\n"...)
	case CodeBlock:
		return appendPre(dst, b)
	case List:
		return appendHTMLList(dst, b.Items)
	case TableBlock:
		dst = append(dst, "<div class=\"wide\">\n"...)
		dst = b.Table.AppendHTML(dst)
		dst = append(dst, "</div>\n"...)
		return appendHTMLList(dst, b.Table.Notes)
	case ImageBlock:
		return appendHTMLImage(dst, b)
	}
	return dst
}

func appendHTMLList(dst []byte, items []Cell) []byte {
	if len(items) == 0 {
		return dst
	}
	dst = append(dst, "<ul>\n"...)
	for _, item := range items {
		dst = append(dst, "<li>"...)
		dst = appendHTMLInline(dst, item)
		dst = append(dst, "</li>\n"...)
	}
	return append(dst, "</ul>\n"...)
}

func appendHTMLImage(dst []byte, b ImageBlock) []byte {
	switch {
	case len(b.SVG) > 0:
		dst = append(dst, "<figure role=\"img\" aria-label=\""...)
		dst = appendHTMLText(dst, b.Alt)
		dst = append(dst, "\">\n"...)
		dst = append(dst, svgElement(b.SVG)...)
		return append(dst, "</figure>\n"...)
	case len(b.PNG) > 0:
		dst = append(dst, "<figure><img alt=\""...)
		dst = appendHTMLText(dst, b.Alt)
		dst = append(dst, "\" src=\"data:image/png;base64,"...)
		dst = base64.StdEncoding.AppendEncode(dst, b.PNG)
		return append(dst, "\"></figure>\n"...)
	}
	return dst
}

// svgElement drops what stands before the svg element: in a page there is no XML declaration.
func svgElement(svg []byte) []byte {
	if i := bytes.Index(svg, []byte("<svg")); i > 0 {
		return svg[i:]
	}
	return svg
}
