package words

import (
	"fmt"
)

// The languages, as their codes are written in options. Whatever is not Spanish is English.
const (
	ES = "es"
	EN = "en"
)

// Known reports whether lang is the code of a language.
func Known(lang string) bool { return lang == ES || lang == EN }

// Text is one text in both languages.
type Text struct{ ES, EN string }

// Of is a text in both languages.
func Of(es, en string) Text { return Text{es, en} }

// In gives the text in a language.
func (t Text) In(lang string) string {
	if lang == ES {
		return t.ES
	}
	return t.EN
}

// A kind of reason: its code and its format in both languages, which take the same values in the same order.
type kind struct {
	code   string
	format Text
}

// A Reason is one thing that a reader says of its input. Reasons are comparable: two are equal when they say the same.
// The zero value says nothing.
type Reason struct {
	kind   *kind
	values [3]any // numbers, strings, Texts and Reasons; as many as the format takes
	n      int
}

// kinds are all kinds of reasons, by their code.
var kinds = map[string]*kind{}

// newKind makes a kind. Its code must be its own.
func newKind(code, es, en string) *kind {
	if kinds[code] != nil {
		panic("two kinds of reasons called " + code)
	}
	k := &kind{code, Text{es, en}}
	kinds[code] = k
	return k
}

// with makes a reason with values.
func (k *kind) with(values ...any) Reason {
	r := Reason{kind: k, n: len(values)}
	copy(r.values[:], values)
	return r
}

// fixed makes a reason without values.
func fixed(code, es, en string) Reason { return newKind(code, es, en).with() }

// Equal reports whether two reasons say the same.
func (r Reason) Equal(o Reason) bool { return r == o }

// Code is a short name of what a reason says, without its values: "record-cut". It does not change between versions.
func (r Reason) Code() string {
	if r.kind == nil {
		return ""
	}
	return r.kind.code
}

// In gives the reason in a language.
func (r Reason) In(lang string) string {
	if r.kind == nil {
		return ""
	}
	values := make([]any, r.n)
	for i, v := range r.values[:r.n] {
		switch v := v.(type) {
		case Reason:
			values[i] = v.In(lang)
		case Text:
			values[i] = v.In(lang)
		default:
			values[i] = v
		}
	}
	return fmt.Sprintf(r.kind.format.In(lang), values...)
}

// String gives the reason in English, for logs and data.
func (r Reason) String() string { return r.In(EN) }

// Error gives the reason in English, so that a Reason can be an error.
func (r Reason) Error() string { return r.In(EN) }

// Foreign is a reason that a library gave, in its words.
func Foreign(text string) Reason { return foreign.with(text) }

var foreign = newKind("other", "%s", "%s")

// A language is what the words of one view are given in.
type language struct{ Lang string }

// in chooses one of two texts.
func (l language) in(es, en string) string { return Text{es, en}.In(l.Lang) }

// fill puts values into one of two formats.
func (l language) fill(es, en string, values ...any) string {
	return fmt.Sprintf(l.in(es, en), values...)
}

// sentence makes a sentence of one of two formats.
func (l language) sentence(es, en string, values ...any) Sentence {
	return Sentence{l.in(es, en), values}
}

// A Sentence is a format in one language with its values. In the format, what stands between backticks is code and what
// stands between ** is strong; values are never read as settings.
type Sentence struct {
	Format string
	Values []any
}

// String fills the format, its settings as they are.
func (s Sentence) String() string { return fmt.Sprintf(s.Format, s.Values...) }
