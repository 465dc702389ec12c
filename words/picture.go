package words

// Picture is what the drawn ladder says.
type Picture struct{ language }

// NewPicture gives it in a language.
func NewPicture(lang string) Picture { return Picture{language{lang}} }

func (w Picture) Title(left, right string) string {
	return w.fill("La conversación de %s con %s",
		"The conversation of %s with %s", left, right)
}

func (w Picture) Connection(number int, client, server string) string {
	return w.fill("#%d %s → %s",
		"#%d %s → %s", number, client, server)
}

func (w Picture) Scale() string {
	return w.in("segundos desde el primer paquete, hacia abajo y no a escala: las pausas se rotulan",
		"seconds since the first packet, downwards and not to scale: gaps are labelled")
}

func (w Picture) WaitsForLoop(length string) string {
	return w.fill("espera %s al ciclo",
		"waits %s for the loop", length)
}

func (w Picture) ZeroWindow() string {
	return w.in("ventana 0",
		"window 0")
}

func (w Picture) Pass(number int) string {
	return w.fill("vuelta %d",
		"pass %d", number)
}

func (w Picture) PassAlike() string {
	return w.in("… 1 vuelta igual a otras anteriores",
		"… 1 pass like earlier ones")
}

func (w Picture) PassesAlike(passes int, period string) string {
	return w.fill("… %d vueltas iguales a otras anteriores, cada %s",
		"… %d passes like earlier ones, every %s", passes, period)
}

func (w Picture) MoreRows(before, behind int) string {
	return w.fill("%d filas antes y %d después no se dibujan; --range elige otras",
		"%d rows before and %d after are not drawn; --range chooses others", before, behind)
}

func (w Picture) OtherSessions(sessions int) string {
	return w.fill("%d sesiones con otros equipos no se dibujan; --host o --session eligen otras",
		"%d sessions with other hosts are not drawn; --host or --session choose others", sessions)
}

func (w Picture) OpenIt(page string) string {
	return w.fill("ábralo en un navegador: %s",
		"open it in a browser: %s", page)
}

func (w Picture) Nothing() string {
	return w.in("no hay nada que dibujar",
		"there is nothing to draw")
}
