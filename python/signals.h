/* The signals of faults: see signals.c. */
#ifndef GOCLOUDPICKLE_SIGNALS_H
#define GOCLOUDPICKLE_SIGNALS_H

/* signals_init is called once, when Go's runtime runs. */
void signals_init(void);

#endif
