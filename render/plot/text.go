package plot

import (
	"strings"
	"sync"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// plotTextHandler measures and draws all text. The library parses its fonts once per process.
var plotTextHandler = &measuredText{Plain: text.Plain{Fonts: font.NewCache(liberation.Collection())}}

// measuredText remembers the measures of texts: a plot asks for those of its labels dozens of times,
// which was half of the time that it took. It may be used from several goroutines.
type measuredText struct {
	text.Plain
	mu    sync.Mutex
	known map[measuredKey]measuredBox
}

type measuredKey struct {
	text string
	font font.Font
}

type measuredBox struct{ width, height, depth vg.Length }

// maxMeasured bounds what is remembered, for processes that draw for long.
const maxMeasured = 2000

// Box implements text.Handler.
func (m *measuredText) Box(s string, f font.Font) (width, height, depth vg.Length) {
	key := measuredKey{s, f}
	m.mu.Lock()
	defer m.mu.Unlock()
	box, ok := m.known[key]
	if !ok {
		box.width, box.height, box.depth = m.Plain.Box(s, f)
		if m.known == nil || len(m.known) >= maxMeasured {
			m.known = make(map[measuredKey]measuredBox)
		}
		m.known[key] = box
	}
	return box.width, box.height, box.depth
}

// plotText is a text style of the one family that plots use.
func plotText(size vg.Length, ink inkColor) text.Style {
	return text.Style{
		Color:   ink,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Size: size},
		Handler: plotTextHandler,
	}
}

// plotBold is plotText in bold.
func plotBold(size vg.Length, ink inkColor) text.Style {
	s := plotText(size, ink)
	s.Font.Weight = xfont.WeightBold
	return s
}

// The sizes of text, in points of a page 750 points (1000 px) wide.
const (
	sizeTitle = 12.5
	sizeText  = 9.5
	sizeTick  = 9
)

// wrapText breaks a text at spaces so that each line fits; a longer word stands alone.
func wrapText(s string, style text.Style, room vg.Length) []string {
	if style.Width(s) <= room {
		return []string{s}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		longer := strings.TrimLeft(line+" "+word, " ")
		if line != "" && style.Width(longer) > room {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	return append(lines, line)
}
