// Package words has what a person reads, in Spanish and English side by side. A text without values is a Text; one with
// values is a function, so that the compiler checks what goes into it. It knows no other package of ours: whoever has
// something to say calls it with numbers and names.
//
// What a reader of input says of it (damage, oddities, lines that make no sense) is a Reason: a code and its values,
// which travel as data until somebody prints them.
package words
