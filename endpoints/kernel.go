package endpoints

import (
	"context"
	"time"
)

// kernel is one process's sockets of the operating system.
type kernel struct {
	ctx    context.Context
	wake   *wakeup
	stopAt time.Time
	open   map[*kernelSocket]struct{}
}

// NewKernel is the operating system's own network. Waiting calls return ErrStopped once ctx is done. The caller calls Exit when
// the program is over. The error is that of the system, or says that the system's sockets are not supported here.
func NewKernel(ctx context.Context) (Net, error) {
	w, err := newWakeup(ctx)
	if err != nil {
		return nil, err
	}
	return &kernel{ctx: ctx, wake: w, open: map[*kernelSocket]struct{}{}}, nil
}

func (k *kernel) Now() time.Time { return time.Now().UTC() }

func (k *kernel) StopAt(t time.Time) { k.stopAt = t }

func (k *kernel) Sleep(d time.Duration) error {
	d, cut := k.clip(d)
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-k.ctx.Done():
		return ErrStopped
	case <-t.C:
	}
	if cut {
		return ErrStopped
	}
	return nil
}

// clip shortens a wait to the time of StopAt, and tells whether it did. A negative wait is one without an end.
func (k *kernel) clip(d time.Duration) (time.Duration, bool) {
	if k.stopAt.IsZero() {
		return d, false
	}
	left := max(time.Until(k.stopAt), 0)
	if d < 0 || left < d {
		return left, true
	}
	return d, false
}

func (k *kernel) Exit() {
	for s := range k.open {
		_ = s.Close()
	}
	k.wake.close()
}
