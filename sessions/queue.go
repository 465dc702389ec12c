package sessions

// A queue is a list that grows at its end and is used up from its front. Dropping moves nothing: the room in front is
// used again when the list needs more than it has, so that an item is moved once for each time that the list doubles.
type queue[T any] struct {
	all   []T
	start int // all[start:] are in the queue
}

// items are what is in the queue, oldest first. They are valid until the next push.
func (q *queue[T]) items() []T { return q.all[q.start:] }

// len is how many items there are.
func (q *queue[T]) len() int { return len(q.all) - q.start }

// push appends items.
func (q *queue[T]) push(items ...T) {
	if cap(q.all)-len(q.all) < len(items) {
		q.makeRoom(len(items))
	}
	q.all = append(q.all, items...)
}

// makeRoom moves the queue to the front of its memory or, when that would be left with little room, of twice as much.
func (q *queue[T]) makeRoom(n int) {
	to := q.all[:0]
	if need := q.len() + n; 2*need > cap(q.all) {
		to = make([]T, 0, max(2*cap(q.all), need, 8))
	}
	q.all, q.start = append(to, q.items()...), 0
}

// drop removes the n oldest items.
func (q *queue[T]) drop(n int) {
	if q.start += n; q.start == len(q.all) {
		q.clear()
	}
}

// clear empties a queue and keeps its memory.
func (q *queue[T]) clear() { q.all, q.start = q.all[:0], 0 }

// clone is a copy that does not share memory.
func (q *queue[T]) clone() queue[T] { return queue[T]{all: append([]T(nil), q.items()...)} }
