// Package lab runs the notebook's programs on two hosts of its own: a PC and a Pico W on user-space TCP/IP stacks, joined by a
// link that delays, loses, reorders and repeats packets as it is told. Time is the lab's: it jumps from event to event, so
// that an hour of one message a second takes less than a second, and the same seed gives the same bytes; or it keeps pace with the real clock.
//
// What comes out is what a card would have captured, what the programs' journals say, and the lab's own record of what happened.
package lab
