/* Hosting an interpreter: what start.go calls. */
#ifndef GOCLOUDPICKLE_START_H
#define GOCLOUDPICKLE_START_H

#include "capi.h"

struct start_options {
    const char *library;    /* path of libpython */
    const char *home;       /* sys.prefix, or NULL for what the program's name tells */
    const char *executable; /* sys.executable, or NULL */
    int isolated;
};

/* The steps of Start, in order. Each returns NULL, or what went wrong: a text that
 * start_free takes back. */
const char *start_open(const struct start_options *options);
const char *start_interpreter(const struct start_options *options);
void start_free(const char *text);

/* start_version is Py_GetVersion of the library that start_open has opened. */
const char *start_version(void);

/* start_release gives up the GIL that start_interpreter took. */
void start_release(void);

#endif
