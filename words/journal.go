package words

// What the reader of journals says. Lines are quoted by their beginning, made printable.

// straceCalls are the system calls that a journal needs.
const straceCalls = "-e trace=network,poll,ppoll,select,pselect6,epoll_create1,epoll_ctl,epoll_wait,close,fcntl,ioctl,dup,clock_nanosleep"

var (
	NotAJournal        = fixed("not-a-journal", "no es un diario de llamadas de socket: se esperaba strace -ttt, líneas JSON, líneas TJ1 o la salida de un programa con horas desde 1970", "no journal of socket calls: expected strace -ttt, JSON lines, TJ1 lines, or program output with epoch stamps")
	StraceWithoutTimes = fixed("strace-without-times", "un strace sin horas absolutas: grábelo con strace -f -ttt -T -yy -s 64 -o ARCHIVO "+straceCalls+" PROGRAMA", "strace without absolute times: record with strace -f -ttt -T -yy -s 64 -o FILE "+straceCalls+" PROGRAM")

	LineTooLong = fixed("line-too-long", "se omitió una línea de más de 1 MiB", "line longer than 1 MiB left out")
	TooManyOpen = fixed("too-many-open", "demasiadas llamadas sin terminar: omitida", "too many unfinished calls: left out")
	NoTCPCalls  = fixed("no-tcp-calls", "ninguna llamada sobre un socket TCP: ¿se le pidió a strace que registrara las llamadas de red (-e trace=network,…)?", "no call on a TCP socket: was strace told to trace network calls (-e trace=network,…)?")
	NoPrints    = fixed("no-prints", "esta salida no tiene ninguno de los mensajes de los programas del cuaderno", "none of the notebook's prints in this output")

	TJ1Cut           = fixed("tj1-cut", "línea TJ1 cortada", "cut TJ1 line")
	TJ1WithoutCall   = fixed("tj1-no-call", "no hay ninguna llamada en una línea TJ1", "no call in a TJ1 line")
	TJ1WithoutBytes  = fixed("tj1-no-bytes", "faltan los bytes y la longitud en un send de TJ1", "no bytes and length in a TJ1 send")
	TJ1WithoutErrno  = fixed("tj1-no-errno", "falta el número del error en una línea TJ1", "no error number in a TJ1 line")
	TJ1WithoutLength = fixed("tj1-no-length", "falta la longitud detrás de los bytes de una línea TJ1", "no length behind the bytes of a TJ1 line")
	TJ1WithoutResult = fixed("tj1-no-result", "falta el resultado en una línea TJ1", "no result in a TJ1 line")
	TJ1WithoutSocket = fixed("tj1-no-socket", "falta el socket en un accept de TJ1", "no socket in a TJ1 accept")
	TJ1WithoutList   = fixed("tj1-no-list", "falta la lista detrás de un poll de TJ1", "no list behind a TJ1 poll")
	TJ1WithoutReady  = fixed("tj1-no-ready", "falta el socket listo en un poll de TJ1", "no ready socket in a TJ1 poll")

	notObject    = newKind("not-object", "no es un objeto JSON de una llamada: %s", "no JSON object of a call: %s")
	badTime      = newKind("bad-time", "\"t\" no es una hora en segundos desde 1970: %s", "\"t\" is no time in seconds since 1970: %s")
	badDuration  = newKind("bad-duration", "\"dur\" no es una duración en segundos: %s", "\"dur\" is no duration in seconds: %s")
	badResult    = newKind("bad-result", "\"ret\" no corresponde a la llamada: %s", "\"ret\" does not fit the call: %s")
	noAddress    = newKind("no-address", "no hay dirección detrás del mensaje de accept(): %s", "no address behind the print of accept(): %s")
	noBytes      = newKind("no-bytes", "no hay bytes detrás del mensaje de recv(): %s", "no bytes behind the print of recv(): %s")
	moreLines    = newKind("more-lines", "%d líneas más que no se pudieron leer", "%d more lines that could not be read")
	callsLeftOut = newKind("calls-left-out", "se omitieron %d llamadas tras las primeras %d", "%d calls left out after the first %d")
	noEpoch      = newKind("no-epoch", "sin hora desde 1970 (strace -ttt): %s", "no epoch time (strace -ttt): %s")
	notStrace    = newKind("not-strace", "no es una línea de strace: %s", "no line of strace: %s")
	callDamaged  = newKind("call-damaged", "llamada cortada o dañada: %s", "cut or damaged call: %s")
	notBegun     = newKind("not-begun", "llamada reanudada cuyo comienzo falta: %s", "resumed call without its beginning: %s")
	notDatagram  = newKind("not-tj1", "no es un datagrama TJ1: %s", "no TJ1 datagram: %s")
	damagedTJ1   = newKind("tj1-damaged", "%s: %s", "%s: %s")
	noNumber     = newKind("tj1-number", "falta el número %s en una línea TJ1", "no %s number in a TJ1 line")
)

// NotObject quotes what a JSON reader says of a line.
func NotObject(why string) Reason { return notObject.with(why) }

// BadTime quotes a "t".
func BadTime(value string) Reason { return badTime.with(value) }

// BadDuration quotes a "dur".
func BadDuration(value string) Reason { return badDuration.with(value) }

// BadResult quotes a "ret".
func BadResult(value string) Reason { return badResult.with(value) }

// NoAddress quotes what stands where an address should.
func NoAddress(value string) Reason { return noAddress.with(value) }

// NoBytes quotes what stands where bytes should.
func NoBytes(value string) Reason { return noBytes.with(value) }

// MoreLines counts the lines that are not told.
func MoreLines(n int) Reason { return moreLines.with(n) }

// CallsLeftOut counts the calls that were not kept, and those that were.
func CallsLeftOut(n, kept int) Reason { return callsLeftOut.with(n, kept) }

// NoEpoch quotes a line of strace with another kind of time.
func NoEpoch(line string) Reason { return noEpoch.with(line) }

// NotStrace quotes a line.
func NotStrace(line string) Reason { return notStrace.with(line) }

// CallDamaged quotes a line.
func CallDamaged(line string) Reason { return callDamaged.with(line) }

// NotBegun quotes a line.
func NotBegun(line string) Reason { return notBegun.with(line) }

// NotDatagram quotes a datagram.
func NotDatagram(text string) Reason { return notDatagram.with(text) }

// DatagramDamaged says what is wrong with a TJ1 line, and quotes it.
func DatagramDamaged(why Reason, line string) Reason { return damagedTJ1.with(why, line) }

// NoNumber names a field of a TJ1 line that should hold a number.
func NoNumber(field string) Reason { return noNumber.with(field) }
