/* A fork: what happens to this image in the child. */
#ifndef GOCLOUDPICKLE_FORK_H
#define GOCLOUDPICKLE_FORK_H

/* forked is set in the child of a fork before anything else runs there. Go's
 * runtime does not survive fork: its threads are gone, its locks are in any
 * state. Go of an image whose forked is set must not be entered again, nor be
 * returned to. */
extern volatile int forked;

void fork_watch(void);

#endif
