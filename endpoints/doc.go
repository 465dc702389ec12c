// Package endpoints holds the notebook's programs: the Pico's echo server and client in one poll loop, the PC's server
// and client, and the two small pairs of the tables. They are written once against a Berkeley socket interface, which
// the system's kernel provides here and a simulated network elsewhere, and a wrapper writes down every call.
package endpoints
