package screen

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// Screen is what lines are laid out for.
type Screen struct {
	Width, Height int  // columns and rows, both more than 0
	Colour        bool // settings as ECMA-48 has them; else none at all
	ASCII         bool // the locale has no box-drawing characters
}

// Style is what a text is, which decides how it looks. Nothing is told by colour alone.
type Style uint8

// The styles.
const (
	Plain Style = iota
	Heading
	Strong
	Emphasis
	Dim // beside the point
	Code
	Client // the client's side
	Server // the server's side
	Good   // as it should be: ESTABLISHED
	Moving // on its way: a handshake, a teardown
	Waiting
	Note
	Warning
	Trouble
	Selected
)

var looks = [...]lipgloss.Style{
	Plain:    lipgloss.NewStyle(),
	Heading:  lipgloss.NewStyle().Bold(true),
	Strong:   lipgloss.NewStyle().Bold(true),
	Emphasis: lipgloss.NewStyle().Italic(true),
	Dim:      lipgloss.NewStyle().Faint(true),
	Code:     lipgloss.NewStyle().Foreground(lipgloss.Cyan),
	Client:   lipgloss.NewStyle().Foreground(lipgloss.Blue),
	Server:   lipgloss.NewStyle().Foreground(lipgloss.Magenta),
	Good:     lipgloss.NewStyle().Foreground(lipgloss.Green),
	Moving:   lipgloss.NewStyle().Foreground(lipgloss.Yellow),
	Waiting:  lipgloss.NewStyle().Foreground(lipgloss.Red),
	Note:     lipgloss.NewStyle().Foreground(lipgloss.Cyan).Bold(true),
	Warning:  lipgloss.NewStyle().Foreground(lipgloss.Yellow).Bold(true),
	Trouble:  lipgloss.NewStyle().Foreground(lipgloss.Red).Bold(true),
	Selected: lipgloss.NewStyle().Reverse(true),
}

// Paint gives a text of one line its look.
func (s *Screen) Paint(style Style, text string) string {
	if !s.Colour || style == Plain || text == "" {
		return text
	}
	return looks[style].Inline(true).Render(text)
}

// Width is how many columns a painted text takes.
func Width(text string) int { return ansi.StringWidth(text) }

// Cut shortens a painted text to a number of columns, never inside a character; "…" says that it was cut.
func Cut(text string, width int) string {
	if width <= 0 {
		return ""
	}
	return ansi.Truncate(text, width, "…")
}

// Pad makes a painted text exactly as wide as asked: cut, or filled with spaces.
func Pad(text string, width int) string {
	text = Cut(text, width)
	return text + strings.Repeat(" ", max(width-Width(text), 0))
}

// PadLeft is Pad for numbers, which stand to the right.
func PadLeft(text string, width int) string {
	text = Cut(text, width)
	return strings.Repeat(" ", max(width-Width(text), 0)) + text
}

// Wrap breaks a painted text into lines of the screen's width, between words where it can; first stands before the first line,
// rest before every other.
func (s *Screen) Wrap(text, first, rest string) (lines []string) {
	width := max(s.Width-max(Width(first), Width(rest)), 8)
	for i, line := range strings.Split(ansi.Wrap(text, width, ""), "\n") {
		before := rest
		if i == 0 {
			before = first
		}
		lines = append(lines, strings.TrimRight(before+line, " "))
	}
	return lines
}

// Rule is a line across the screen with a title in it.
func (s *Screen) Rule(title string) string {
	bar := "─"
	if s.ASCII {
		bar = "-"
	}
	title = Cut(title, s.Width-4)
	return s.Paint(Heading, title) + " " + s.Paint(Dim, strings.Repeat(bar, max(s.Width-Width(title)-1, 0)))
}

// Bare is a painted text without its look.
func Bare(text string) string { return ansi.Strip(text) }
