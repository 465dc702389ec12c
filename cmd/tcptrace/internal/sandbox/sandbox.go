// Package sandbox gives rights back: capabilities, the user, and with Landlock the file system and TCP. It knows file
// descriptors and folders, and not what they are for.
package sandbox

import "os"

// A User is whom root becomes; the zero value is root itself.
type User struct{ UID, GID int }

// carriedVariable holds what Enter was given, in the environment of the program that it executed.
const carriedVariable = "TCPTRACE_LIVE_SOCKETS"

// Carried is what Enter was given when it executed this program; ok is false where it did not. It is told once.
func Carried() (carry string, ok bool) {
	carry, ok = os.LookupEnv(carriedVariable)
	os.Unsetenv(carriedVariable)
	return carry, ok
}
