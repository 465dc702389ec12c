//go:build unix

package main

import (
	"os"
	"os/user"
	"strconv"
	"syscall"

	"tcptrace/cmd/tcptrace/internal/sandbox"
)

// nobody is who root becomes that writes nothing.
const nobody = 65534

// chooseUser says whom root becomes once the sockets are open:
//
//  1. the user of --user;
//  2. who called sudo;
//  3. the owner of the folders that are written into, where that is one user;
//  4. where nothing is written or read beside the capture, nobody;
//  5. else it stays root without capabilities, which is said.
func (r *liveRun) chooseUser() (u sandbox.User, err error) {
	l := r.flags
	if l.user != "" {
		found, err := user.Lookup(l.user)
		if err != nil {
			return u, &usageError{l.user + ": " + r.w.NoSuchUser(), "--user " + os.Getenv("USER")}
		}
		return userOf(found.Uid, found.Gid), nil
	}
	if os.Geteuid() != 0 {
		return u, nil
	}
	if caller := os.Getenv("SUDO_UID"); caller != "" {
		return userOf(caller, os.Getenv("SUDO_GID")), nil
	}
	folders := r.writable()
	if len(folders) == 0 && len(l.programs) == 0 && len(l.calls) == 0 {
		return sandbox.User{UID: nobody, GID: nobody}, nil
	}
	if u = ownerOf(folders); u.UID == 0 {
		r.u.print(r.w.StaysRoot())
	}
	return u, nil
}

// userOf reads the numbers of a user; what is none stays root.
func userOf(uid, gid string) (u sandbox.User) {
	id, err1 := strconv.ParseUint(uid, 10, 31)
	group, err2 := strconv.ParseUint(gid, 10, 31)
	if err1 != nil || err2 != nil {
		return u
	}
	return sandbox.User{UID: int(id), GID: int(group)}
}

// ownerOf is who owns all of the folders and may write into them, root where that is not one user.
func ownerOf(folders []string) (owner sandbox.User) {
	for i, dir := range folders {
		st, err := os.Stat(dir)
		if err != nil {
			return sandbox.User{}
		}
		info, ok := st.Sys().(*syscall.Stat_t)
		if !ok || st.Mode().Perm()&0o300 != 0o300 {
			return sandbox.User{}
		}
		u := sandbox.User{UID: int(info.Uid), GID: int(info.Gid)}
		if i > 0 && u != owner {
			return sandbox.User{}
		}
		owner = u
	}
	return owner
}
