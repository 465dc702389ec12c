//go:build !linux && !windows && !(darwin && cgo)

package capture

import "context"

func openLive(context.Context, string, LiveOptions) (liveReader, error) { return nil, ErrNoLive }
