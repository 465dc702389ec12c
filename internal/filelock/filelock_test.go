//go:build unix

package filelock

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestTry(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	open := func() *os.File {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return f
	}
	writer, other := open(), open()
	if err := Try(writer); err != nil {
		t.Fatal(err)
	}
	if err := Try(other); !errors.Is(err, ErrHeld) {
		t.Errorf("a file that is being written: %v", err)
	}
	_ = writer.Close()
	if err := Try(other); err != nil {
		t.Errorf("a file whose writer is gone: %v", err)
	}
}
