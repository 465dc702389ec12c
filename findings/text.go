package findings

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"tcptrace/words"
)

// sentence fills a sentence in both languages. An argument that is a Text gives each language its own.
func sentence(es, en string, args ...any) Text {
	if len(args) == 0 && !strings.Contains(es, "%") && !strings.Contains(en, "%") {
		return words.Of(es, en) // what has no values is written as it is read
	}
	return words.Text{ES: contract.Replace(fmt.Sprintf(es, pick(args, "es")...)), EN: fmt.Sprintf(en, pick(args, "en")...)}
}

// contract joins what Spanish joins where a name follows a preposition.
var contract = strings.NewReplacer(" de el ", " del ", " a el ", " al ", "De el ", "Del ", "A el ", "Al ")

func pick(args []any, lang string) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case Text:
			out[i] = v.In(lang)
		case time.Duration:
			out[i] = human(v)
		default:
			out[i] = a
		}
	}
	return out
}

func joined(a, b Text) Text { return words.Of(a.ES+b.ES, a.EN+b.EN) }

// capital gives a name the form for a sentence's start.
func capital(t Text) Text {
	up := func(s string) string {
		r, n := utf8.DecodeRuneInString(s)
		return strings.ToUpper(string(r)) + s[n:]
	}
	return words.Of(up(t.ES), up(t.EN))
}

// human writes a duration with the digits that a sentence needs: "35 µs", "4.2 ms", "0.48 s", "12.3 s".
func human(d time.Duration) string {
	switch size := d.Abs(); {
	case size < time.Millisecond:
		return strconv.FormatFloat(float64(d)/1e3, 'f', 0, 64) + " µs"
	case size < 100*time.Millisecond:
		return strings.TrimSuffix(strconv.FormatFloat(float64(d)/1e6, 'f', 1, 64), ".0") + " ms"
	case size < 10*time.Second:
		return strconv.FormatFloat(d.Seconds(), 'f', 2, 64) + " s"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// precise writes a period, whose milliseconds count.
func precise(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) + " s" }

// list writes up to eight numbers.
func list[T int | int64](numbers []T) string {
	var out []string
	for i, n := range numbers {
		if i == 8 {
			out = append(out, "…")
			break
		}
		out = append(out, strconv.FormatInt(int64(n), 10))
	}
	return strings.Join(out, ", ")
}

func count(name string, n int64) Number           { return Number{name, float64(n)} }
func seconds(name string, d time.Duration) Number { return Number{name, d.Seconds()} }
