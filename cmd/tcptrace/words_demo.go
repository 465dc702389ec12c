package main

// demoWords are the words of `tcptrace demo`.
type demoWords struct {
	Short, Long, Example                               string
	FlagSeconds, FlagLoss, FlagDelay, FlagSeed         string
	FlagMisbehave, FlagFixed, FlagOutput, FlagRealTime string
	FlagBothEnds                                       string
	BadSeconds, BadLoss, BadDelay, BadMisbehave        string
	NotOurs, NotOurFile, HintOutput, Ended             string
	MarkerText                                         string
}

func demoWordsFor(lang string) *demoWords {
	if lang == "es" {
		return &demoES
	}
	return &demoEN
}

var demoEN = demoWords{
	Short: "Run the notebook's exchange in a lab of its own and report on it",
	Long: `Runs the notebook's programs, a PC and a Pico W, on two simulated hosts, prints the report and writes it with
its plots, the capture and the journals of calls into a folder. Needs no rights, no Pico and no waiting: the lab's
clock runs ahead. The same seed gives the same packets.`,
	Example:       "  tcptrace demo\n  tcptrace demo --seconds 600 --loss 2 --delay 20ms\n  tcptrace demo --misbehave second-client\n  tcptrace demo --fixed --lang es",
	FlagSeconds:   "how long the exchange lasts (default: as long as the run needs)",
	FlagLoss:      "packets lost on the link, in percent",
	FlagDelay:     "the link's delay one way; up to as much again is added at random",
	FlagSeed:      "seed of everything that is random",
	FlagMisbehave: "a run in which something goes wrong",
	FlagFixed:     "the Pico runs the corrected loop: a deadline instead of sleep(1)",
	FlagOutput:    "folder to write into",
	FlagRealTime:  "let the lab's clock run as fast as the real one",
	FlagBothEnds:  "capture at the Pico's card too, into session-pico.pcapng",
	BadSeconds:    "not a number of seconds from 1 to 86400", BadLoss: "not a percentage from 0 to 50",
	BadDelay: "not a delay from 0 to 5s", BadMisbehave: "no such run",
	NotOurs: "was not written by tcptrace demo", NotOurFile: "this file was not written by tcptrace demo",
	HintOutput: "choose another folder with -o",
	Ended:      "%s ended with %v, as its program does not catch it",
	MarkerText: "Files that `tcptrace demo` wrote into this folder and will replace; it touches no others.",
}

var demoES = demoWords{
	Short: "Ejecuta el intercambio del cuaderno en un laboratorio propio e informa",
	Long: `Ejecuta los programas del cuaderno, un PC y una Pico W, en dos equipos simulados, imprime el informe y lo escribe
con sus gráficas, la captura y los diarios de llamadas en una carpeta. No necesita permisos, ni Pico, ni espera: el
reloj del laboratorio se adelanta. La misma semilla da los mismos paquetes.`,
	Example:       "  tcptrace demo\n  tcptrace demo --seconds 600 --loss 2 --delay 20ms\n  tcptrace demo --misbehave second-client\n  tcptrace demo --fixed --lang es",
	FlagSeconds:   "cuánto dura el intercambio (por omisión, lo que haga falta)",
	FlagLoss:      "paquetes que se pierden en el enlace, en porcentaje",
	FlagDelay:     "retardo del enlace en un sentido; se suma al azar hasta otro tanto",
	FlagSeed:      "semilla de todo lo que es al azar",
	FlagMisbehave: "una ejecución en la que algo sale mal",
	FlagFixed:     "la Pico ejecuta el ciclo corregido: un plazo en vez de sleep(1)",
	FlagOutput:    "carpeta en la que se escribe",
	FlagRealTime:  "que el reloj del laboratorio vaya al paso del real",
	FlagBothEnds:  "capturar también en la tarjeta de la Pico, en session-pico.pcapng",
	BadSeconds:    "no es una cantidad de segundos de 1 a 86400", BadLoss: "no es un porcentaje de 0 a 50",
	BadDelay: "no es un retardo de 0 a 5s", BadMisbehave: "no existe esa ejecución",
	NotOurs: "no la escribió tcptrace demo", NotOurFile: "este archivo no lo escribió tcptrace demo",
	HintOutput: "elige otra carpeta con -o",
	Ended:      "%s terminó con %v, que su programa no captura",
	MarkerText: "Archivos que `tcptrace demo` escribió en esta carpeta y reemplazará; no toca ningún otro.",
}
