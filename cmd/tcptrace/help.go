package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tcptrace/words"
)

// helpWidth is the column at which help is broken: the narrowest terminal in use.
const helpWidth = 80

// maxFlagColumn is how far to the right the explanations of flags may begin.
const maxFlagColumn = 24

// localize makes a command tree talk in the words of w: help, usage errors, and what cobra would say in English.
func localize(root *cobra.Command, u *ui) {
	w := u.words()
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { _, _ = u.out.WriteString(helpText(c, w)) })
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return flagError(c, err, w) })
	root.SetHelpCommand(newHelp(u))
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil {
		completion.Short, completion.Long, completion.Args = w.Completion(), "", nil
		for _, shell := range completion.Commands() {
			shell.Short, shell.Long = w.Completion()+": "+shell.Name(), ""
			if f := shell.Flags().Lookup("no-descriptions"); f != nil {
				f.Usage = w.NoDescriptions()
			}
		}
	}
	walk(root, func(c *cobra.Command) {
		if c.HasSubCommands() && !c.Runnable() {
			c.RunE = func(c *cobra.Command, args []string) error { return helpOrUnknown(c, args, w) }
		}
		c.Args = localizeArgs(c.Args, w)
		c.SuggestionsMinimumDistance = 2
		c.InitDefaultHelpFlag()
		c.Flags().Lookup("help").Usage = w.HelpFlag()
	})
}

func walk(c *cobra.Command, visit func(*cobra.Command)) {
	visit(c)
	for _, sub := range c.Commands() {
		walk(sub, visit)
	}
}

// complete offers the values of a flag to the shell.
func complete(c *cobra.Command, flag string, values ...string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

// newHelp is `tcptrace help COMMAND`, which refuses a command that does not exist.
func newHelp(u *ui) *cobra.Command {
	w := u.words()
	return &cobra.Command{
		Use: "help [" + w.CommandWord() + "]", Short: w.Help(),
		RunE: func(c *cobra.Command, args []string) error {
			of, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return helpOrUnknown(of, rest, w)
			}
			return of.Help()
		},
	}
}

// helpOrUnknown is what a command does that only holds others: alone it shows its help, with a word that names
// none of them it says so and offers the nearest.
func helpOrUnknown(c *cobra.Command, args []string, w words.Command) error {
	if len(args) == 0 {
		return c.Help()
	}
	word, hint := args[0], c.CommandPath()+" --help"
	if _, err := os.Stat(word); err == nil && !c.HasParent() {
		hint = "tcptrace report " + word // as the older program of the same name is called
	} else if near := c.SuggestionsFor(word); len(near) > 0 {
		slices.Sort(near)
		hint = c.CommandPath() + " " + near[0]
	}
	return &usageError{w.UnknownCommand() + ": " + word, hint}
}

// localizeArgs lets our own errors pass and puts a line in the user's language in the place of cobra's.
func localizeArgs(check cobra.PositionalArgs, w words.Command) cobra.PositionalArgs {
	if check == nil {
		return nil
	}
	return func(c *cobra.Command, args []string) error {
		err := check(c, args)
		var ours *usageError
		if err == nil || errors.As(err, &ours) {
			return err
		}
		text := w.WrongArguments()
		if len(args) > 0 {
			text += ": " + strings.Join(args, " ")
		}
		return &usageError{text, useLine(c, w)}
	}
}

// nearestFlag is the flag of a command whose name is most like a word, "" when none is like it.
func nearestFlag(c *cobra.Command, word string) string {
	// Cobra knows which names of commands are like a word; here the flags are the commands.
	names := &cobra.Command{}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names.AddCommand(&cobra.Command{Use: f.Name, Run: func(*cobra.Command, []string) {}})
		}
	})
	for names.SuggestionsMinimumDistance = 1; names.SuggestionsMinimumDistance <= 2; names.SuggestionsMinimumDistance++ {
		if near := names.SuggestionsFor(word); len(near) > 0 {
			return slices.Min(near)
		}
	}
	return ""
}

// flagError says in the user's language what pflag says in English.
func flagError(c *cobra.Command, err error, w words.Command) error {
	hint := c.CommandPath() + " --help"
	var unknown *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		name := "--" + unknown.GetSpecifiedName()
		if short := unknown.GetSpecifiedShortnames(); short != "" {
			name = "-" + unknown.GetSpecifiedName()
		}
		if near := nearestFlag(c, unknown.GetSpecifiedName()); near != "" && len(unknown.GetSpecifiedName()) > 1 {
			hint = "--" + near
		}
		return &usageError{w.UnknownFlag() + ": " + name, hint}
	case errors.As(err, &empty):
		return &usageError{w.NeedValue() + ": --" + empty.GetFlag().Name, hint}
	case errors.As(err, &invalid):
		return &usageError{fmt.Sprintf("%s: --%s %s", w.BadValue(), invalid.GetFlag().Name, invalid.GetValue()), hint}
	}
	return &usageError{err.Error(), hint}
}

// useLine is the command as it is written: its path, its arguments and the place of its flags.
func useLine(c *cobra.Command, w words.Command) string {
	line := c.Use
	if c.HasParent() {
		line = c.Parent().CommandPath() + " " + c.Use
	}
	if c.HasAvailableSubCommands() {
		line += " [" + w.CommandWord() + "]"
	}
	return line + " [" + w.FlagsWord() + "]"
}

// helpText is a command's help: what it does, how it is called, examples, commands, flags.
func helpText(c *cobra.Command, w words.Command) string {
	var b strings.Builder
	about := c.Long
	if about == "" {
		about = c.Short
	}
	b.WriteString(wrap(about, helpWidth))
	fmt.Fprintf(&b, "\n%s:\n  %s\n", w.Usage(), useLine(c, w))
	if c.HasExample() {
		fmt.Fprintf(&b, "\n%s:\n%s\n", w.Examples(), foldExamples(c.Example))
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n%s:\n", w.Commands())
		for _, sub := range c.Commands() {
			if sub.IsAvailableCommand() {
				entry(&b, sub.Name(), sub.Short, c.Commands()[0].NamePadding()+4)
			}
		}
	}
	flagList(&b, w.Flags(), c.LocalFlags(), w)
	flagList(&b, w.GlobalFlags(), c.InheritedFlags(), w)
	if c.HasAvailableSubCommands() {
		b.WriteString("\n" + w.MoreHelp(c.CommandPath()) + "\n")
	}
	return b.String()
}

// flagList prints flags with the names of their values and their defaults.
func flagList(b *strings.Builder, title string, flags *pflag.FlagSet, w words.Command) {
	if !flags.HasAvailableFlags() {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" {
			return
		}
		value, text := pflag.UnquoteUsage(f)
		text = strings.TrimPrefix(text, value+": ")
		if word, ok := w.ValueWords()[value]; ok {
			value = word
		}
		left := "    --" + f.Name
		if f.Shorthand != "" {
			left = "-" + f.Shorthand + ", --" + f.Name
		}
		if value != "" {
			left += " " + value
		}
		if d := f.DefValue; !slices.Contains([]string{"", "-", "0", "0s", "false", "[]"}, d) {
			text += " (" + w.Default() + " " + d + ")"
		}
		entry(b, left, text, maxFlagColumn)
	})
}

// entry prints a name and, from the given column, its explanation.
func entry(b *strings.Builder, name, text string, column int) {
	lines := strings.Split(strings.TrimRight(wrap(text, helpWidth-column), "\n"), "\n")
	line := "  " + name
	if gap := column - utf8.RuneCountInString(line); gap > 1 {
		line += strings.Repeat(" ", gap) + lines[0]
		lines = lines[1:]
	}
	b.WriteString(line + "\n")
	for _, l := range lines {
		b.WriteString(strings.Repeat(" ", column) + l + "\n")
	}
}

// foldExamples breaks long command lines before a flag, as a shell continues them.
func foldExamples(examples string) string {
	var folded []string
	for line := range strings.SplitSeq(strings.TrimRight(examples, "\n"), "\n") {
		for utf8.RuneCountInString(line) > helpWidth {
			at := strings.LastIndex(line[:helpWidth-1], " -")
			if strings.TrimSpace(line[:max(at, 0)]) == "" {
				break
			}
			folded = append(folded, line[:at]+" \\")
			line = "     " + line[at:]
		}
		folded = append(folded, line)
	}
	return strings.Join(folded, "\n")
}

// wrap breaks text into lines of at most width columns. An empty line parts paragraphs; a line that begins with a
// space stays as it is.
func wrap(text string, width int) string {
	var b strings.Builder
	column := 0
	end := func() {
		if column > 0 {
			b.WriteByte('\n')
		}
		column = 0
	}
	for line := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		if line == "" || line[0] == ' ' {
			end()
			b.WriteString(line + "\n")
			continue
		}
		for word := range strings.FieldsSeq(line) {
			size := utf8.RuneCountInString(word)
			if column > 0 && column+1+size > width {
				end()
			}
			if column > 0 {
				b.WriteByte(' ')
				column++
			}
			b.WriteString(word)
			column += size
		}
	}
	end()
	return b.String()
}
