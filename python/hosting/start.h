/* Hosting an interpreter: the steps of Start, for start.go. */
#ifndef GOCLOUDPICKLE_START_H
#define GOCLOUDPICKLE_START_H

#include <wchar.h>

/* start_open loads a libpython. It returns NULL, or what went wrong: a text that
 * the caller frees. */
char *start_open(const char *library);

/* start_version is the version of that library, as Py_GetVersion has it. */
const char *start_version(void);

/* start_interpreter starts the interpreter and keeps the GIL, and home and
 * executable, which may be NULL, for ever. It returns 0 when it did not start. */
int start_interpreter(const wchar_t *home, const wchar_t *executable, int isolated);

/* start_release gives up the GIL, and returns what start_acquire takes it back with. */
void *start_release(void);
void start_acquire(void *state);

#endif
