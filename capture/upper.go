package capture

type upperLayers struct{}

func (d *decoder) transport(h *ipHeader, v view, depth int) outcome { return notTCP }
