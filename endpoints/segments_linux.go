package endpoints

import (
	"sync"

	"golang.org/x/sys/unix"
)

// segmentWatch notes where the segments of a connection end, without reading any: whenever data arrive, what is unread then
// ends a segment. Segments that arrive within some microseconds of each other may count as one.
type segmentWatch struct {
	fd    int
	size  int // most bytes in a segment
	epoll int // tells of every arrival, also while earlier data are unread
	quit  stopPipe
	done  chan struct{}

	mu    sync.Mutex
	read  int64   // bytes that recv() has taken
	begun int64   // where the segment that is being read begins
	ends  []int64 // offsets at which segments end, beyond read
}

// WatchSegments starts a goroutine that ends with Close.
func (s *kernelSocket) WatchSegments(size int) error {
	if s.closed || s.watch != nil {
		return nil
	}
	w := &segmentWatch{fd: int(s.fd), size: size, done: make(chan struct{})}
	var err error
	if w.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return errnoOf(err)
	}
	if w.quit.r, w.quit.w, err = newPipe(); err != nil {
		unix.Close(w.epoll)
		return err
	}
	for fd, events := range map[int]uint32{w.fd: unix.EPOLLIN | unix.EPOLLET, w.quit.r: unix.EPOLLIN} {
		if err := unix.EpollCtl(w.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)}); err != nil {
			w.free()
			unix.Close(w.quit.w)
			return errnoOf(err)
		}
	}
	s.watch = w
	go w.run()
	return nil
}

// run notes arrivals until the socket is closed.
func (w *segmentWatch) run() {
	defer close(w.done)
	events := make([]unix.EpollEvent, 2)
	for {
		n, err := unix.EpollWait(w.epoll, events, -1)
		if err != nil && err != unix.EINTR {
			return
		}
		for _, e := range events[:max(n, 0)] {
			if int(e.Fd) == w.quit.r {
				return
			}
		}
		w.mu.Lock()
		w.note()
		w.mu.Unlock()
	}
}

// note ends a segment at what has arrived, if anything has since the last time.
func (w *segmentWatch) note() {
	unread, err := unix.IoctlGetInt(w.fd, unix.SIOCINQ)
	if err != nil {
		return
	}
	last := w.read
	if len(w.ends) > 0 {
		last = w.ends[len(w.ends)-1]
	}
	if end := w.read + int64(unread); end > last {
		w.ends = append(w.ends, end)
	}
}

// most is how many bytes one recv(n) may take: the rest of the first segment. Data that arrived at once and are longer than a segment
// were several.
func (w *segmentWatch) most(n int) int {
	if len(w.ends) == 0 {
		return min(n, w.size)
	}
	into := int(w.read-w.begun) % w.size
	return min(n, int(w.ends[0]-w.read), w.size-into)
}

// took notes what recv() has taken.
func (w *segmentWatch) took(n int) {
	w.read += int64(n)
	for len(w.ends) > 0 && w.ends[0] <= w.read {
		w.begun = w.ends[0]
		w.ends = w.ends[1:]
	}
}

func (w *segmentWatch) stop() {
	unix.Close(w.quit.w)
	<-w.done
	w.free()
}

func (w *segmentWatch) free() {
	unix.Close(w.quit.r)
	unix.Close(w.epoll)
}

// RecvSegment is Recv up to the end of the first unread segment, after WatchSegments.
func (s *kernelSocket) RecvSegment(n int) ([]byte, error) {
	w, ok := s.watch.(*segmentWatch)
	if !ok {
		return s.Recv(min(n, PicoMSS))
	}
	buf := make([]byte, n)
	got := 0
	err := s.call(PollIn, func() (err error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.note()
		got, err = sysRecv(s.fd, buf[:w.most(n)])
		w.took(max(got, 0))
		return err
	})
	got = max(got, 0)
	return buf[:got:got], err
}
