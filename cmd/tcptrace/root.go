package main

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"tcptrace/cmd/tcptrace/internal/output"
	"tcptrace/cmd/tcptrace/internal/sandbox"
	"tcptrace/words"
)

// newRoot builds the command tree, its help in the language of ui.
func newRoot(u *ui) *cobra.Command {
	w := u.words()
	root := &cobra.Command{
		Use: "tcptrace", Short: w.Short(), Long: w.Long(), Example: w.ReportExample(),
		SilenceErrors: true, SilenceUsage: true, Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, args []string) error {
			if asked, _ := c.Flags().GetBool("version"); asked && len(args) == 0 {
				return printVersion(u)
			}
			return helpOrUnknown(c, args, w)
		},
	}
	var lang string
	root.Flags().Bool("version", false, w.Version())
	root.PersistentFlags().StringVar(&lang, "lang", "", w.FlagLang())
	complete(root, "lang", words.ES, words.EN)
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		if lang != "" && !words.Known(lang) {
			return &usageError{w.BadLang() + ": " + lang, "--lang es, --lang en"}
		}
		if u.process && slices.Contains(fileCommands, c.CommandPath()) {
			if long, _ := c.Flags().GetBool("long"); long {
				if off, _ := c.Flags().GetBool("no-pager"); !off {
					u.startPager()
				}
			}
			return giveUpRights()
		}
		return nil
	}
	root.SetOut(u.out)
	root.SetErr(u.err)
	root.SetIn(u.in)
	root.AddCommand(newReport(u), newLive(u), newInterfaces(u), newPlot(u), newExplain(u), newDemo(u), newLecture(u), newVersion(u), newDocs(u, root), newPC(u), newPico(u), newPair(u), newFirmware(u), newJournal(u), newView(u), newHosts(u), newCut(u), newTUI(u), newFleet(u), newRun(u), newConfine(u))
	localize(root, u)
	return root
}

// fileCommands read and write files, and start nothing and nobody.
var fileCommands = []string{"tcptrace report", "tcptrace explain", "tcptrace plot", "tcptrace lecture", "tcptrace demo", "tcptrace hosts", "tcptrace cut", "tcptrace tui"}

// giveUpRights takes from the process what reading and writing files does not need: what it reads was perhaps made to take it over.
func giveUpRights() error {
	if err := sandbox.DropCapabilities(); err != nil {
		return &captureError{err, ""}
	}
	if err := sandbox.Filter(); err != nil {
		return &captureError{err, ""}
	}
	return nil
}

// version is set by the linker for releases.
var version = ""

func newVersion(u *ui) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: u.words().Version(), Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return printVersion(u) },
	}
}

// printVersion says which program this is and what it was built for.
func printVersion(u *ui) error {
	v := version
	if info, ok := debug.ReadBuildInfo(); ok && v == "" {
		v = info.Main.Version
	}
	if v == "" {
		v = "(devel)"
	}
	if _, err := fmt.Fprint(u.out, u.words().VersionIs(v, runtime.Version(), runtime.GOOS, runtime.GOARCH)); err != nil {
		return &outputError{err}
	}
	return nil
}

func newDocs(u *ui, root *cobra.Command) *cobra.Command {
	docs := &cobra.Command{Use: "docs", Short: u.words().Docs()}
	force := false
	man := &cobra.Command{
		Use: "man DIR", Short: u.words().DocsMan(), Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := writeManPages(root, args[0], force, u.words()); err != nil {
				return &outputError{err}
			}
			return nil
		},
	}
	forceFlag(man, &force, u.words())
	docs.AddCommand(man)
	return docs
}

// writeManPages writes a page for every command, in the language of w.
func writeManPages(root *cobra.Command, dir string, force bool, w words.Command) error {
	var files []output.File
	walk(root, func(c *cobra.Command) {
		if c == root || c.IsAvailableCommand() {
			name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
			files = append(files, output.File{Name: name, Write: func(out io.Writer) error { return writeManPage(out, c, w) }})
		}
	})
	folder, err := output.Open(dir, output.Options{Set: "man", Force: force})
	if err != nil {
		return err
	}
	return folder.Write(files)
}

// writeManPage writes the page of one command. Cobra knows only English headings.
func writeManPage(out io.Writer, c *cobra.Command, w words.Command) error {
	c.Root().DisableAutoGenTag, c.DisableAutoGenTag = true, true
	var page bytes.Buffer
	if err := doc.GenMan(c, &doc.GenManHeader{Title: "TCPTRACE", Section: "1", Source: "tcptrace"}, &page); err != nil {
		return err
	}
	text := strings.ReplaceAll(page.String(), "[flags]", "["+w.FlagsWord()+"]")
	for heading, said := range w.ManHeadings() {
		text = strings.ReplaceAll(text, ".SH "+heading+"\n", ".SH "+said+"\n")
	}
	_, err := io.WriteString(out, text)
	return err
}
