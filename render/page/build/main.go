// Command build makes the page's script and style from their sources:
//
//	cd render/page/build && go run . [FROM TO]
//
// The result is committed, so that nobody needs this to build tcptrace; a test makes it anew and compares the bytes.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	from, to := "../src", "../dist"
	if len(os.Args) == 3 {
		from, to = os.Args[1], os.Args[2]
	}
	if err := build(from, to); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// build bundles the sources in one folder into another.
func build(from, to string) error {
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{filepath.Join(from, "page.ts"), filepath.Join(from, "page.css")},
		Bundle:            true,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		Format:            api.FormatIIFE,
		Target:            api.ES2022,
		Charset:           api.CharsetASCII,
		Outdir:            to,
		LogLevel:          api.LogLevelWarning,
	})
	if len(result.Errors) > 0 {
		return fmt.Errorf("%d errors", len(result.Errors))
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	for _, f := range result.OutputFiles {
		if err := os.WriteFile(filepath.Join(to, filepath.Base(f.Path)), f.Contents, 0o644); err != nil {
			return err
		}
	}
	return nil
}
