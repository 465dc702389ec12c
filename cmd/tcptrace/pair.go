package main

import (
	"github.com/spf13/cobra"

	"tcptrace/endpoints"
	"tcptrace/words"
)

func newPair(u *ui) *cobra.Command {
	w := words.NewPrograms(u.lang)
	c := &cobra.Command{Use: "pair", Short: w.Pair(), Long: w.PairLong(), Example: w.PairExample()}
	for _, kind := range []struct {
		name, short string
		nonBlocking bool
	}{{"blocking", w.PairBlocking(), false}, {"nonblocking", w.PairNonBlocking(), true}} {
		sub := &cobra.Command{Use: kind.name, Short: kind.short}
		sub.AddCommand(newPairSide(u, kind.nonBlocking, true), newPairSide(u, kind.nonBlocking, false))
		c.AddCommand(sub)
	}
	return c
}

// newPairSide is one side of a pair of the tables.
func newPairSide(u *ui, nonBlocking, client bool) *cobra.Command {
	w := words.NewPrograms(u.lang)
	p := &process{u: u}
	pair := &endpoints.TablePair{NonBlocking: nonBlocking, Client: client}
	var host string
	var port uint16
	c := &cobra.Command{
		Use: "server", Short: w.PairServer(), Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			pair.Voice = p.voice()
			if client {
				pair.Addr, err = address(c.Context(), u, host, port)
			} else {
				pair.Addr, err = listenAddr(u, host, port)
			}
			if err != nil {
				return err
			}
			return p.run(c.Context(), pair)
		},
	}
	f := c.Flags()
	if client {
		c.Use, c.Short = "client", w.PairClient()
		f.StringVar(&host, "host", "127.0.0.1", w.FlagConnectHost())
		f.Uint16Var(&port, "port", endpoints.TablePort, w.FlagConnectPort())
	} else {
		bindFlags(c, w, &host, &port, "127.0.0.1", endpoints.TablePort)
		f.BoolVar(&pair.ReuseAddr, "reuse", false, w.FlagReuse())
	}
	p.flags(c)
	return c
}
