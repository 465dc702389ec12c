//go:build !linux

package capture

func interfaceLink(string) string { return "" }

func neighbours() map[string][]Neighbour { return nil }
