package capture

type reassembler struct{ seen, pending int64 }

func (d *decoder) fragment(h *ipHeader, v view, offset int, more bool, depth int) outcome {
	d.fragments.seen++
	return notTCP
}
