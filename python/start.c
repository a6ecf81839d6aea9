#define _GNU_SOURCE
#include "start.h"
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

/* What only a host of an interpreter needs of the C API, beside capi.h. The
 * setters and flags are from before PyConfig (PEP 587), whose structure differs
 * between versions; they are in every library from 3.10 to 3.14. */
static struct {
    void (*Py_InitializeEx)(int);
    int (*Py_IsInitialized)(void);
    const char *(*Py_GetVersion)(void);
    void *(*PyEval_SaveThread)(void);
    wchar_t *(*Py_DecodeLocale)(const char *, size_t *);
    void (*Py_SetPythonHome)(const wchar_t *);
    void (*Py_SetProgramName)(const wchar_t *);
    int *Py_UTF8Mode, *Py_IsolatedFlag, *Py_IgnoreEnvironmentFlag, *Py_NoUserSiteDirectory;
} host;

static const char *problem(const char *format, ...) {
    va_list args;
    char *text = NULL;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        abort();
    va_end(args);
    return text;
}

void start_free(const char *text) { free((void *)text); }

const char *start_open(const struct start_options *options) {
    int (*running)(void) = dlsym(RTLD_DEFAULT, "Py_IsInitialized");
    void *library;
    if (running && running())
        return problem("an interpreter runs in this process already, and Go did not start it");
    /* Global: extension modules find the C API in the process, and so does capi.c. */
    library = dlopen(options->library, RTLD_NOW | RTLD_GLOBAL);
    if (!library)
        return problem("%s", dlerror());
#define FIND(name)                                     \
    *(void **)(&host.name) = dlsym(library, #name);    \
    if (!host.name)                                    \
        return problem("%s does not export " #name ": is it a libpython?", options->library);
    FIND(Py_InitializeEx)
    FIND(Py_IsInitialized)
    FIND(Py_GetVersion)
    FIND(PyEval_SaveThread)
    FIND(Py_DecodeLocale)
    FIND(Py_SetPythonHome)
    FIND(Py_SetProgramName)
    FIND(Py_UTF8Mode)
    FIND(Py_IsolatedFlag)
    FIND(Py_IgnoreEnvironmentFlag)
    FIND(Py_NoUserSiteDirectory)
#undef FIND
    return NULL;
}

const char *start_version(void) { return host.Py_GetVersion(); }

const char *start_interpreter(const struct start_options *options) {
    /* The interpreter keeps the pointers, so these are never freed. */
    wchar_t *home = NULL, *executable = NULL;

    /* The text of a Go program is UTF-8, whatever the locale says (PEP 540). */
    *host.Py_UTF8Mode = 1;
    if (options->isolated)
        *host.Py_IsolatedFlag = *host.Py_IgnoreEnvironmentFlag = *host.Py_NoUserSiteDirectory = 1;
    if (options->home && !(home = host.Py_DecodeLocale(options->home, NULL)))
        return problem("%s can't be decoded", options->home);
    if (options->executable && !(executable = host.Py_DecodeLocale(options->executable, NULL)))
        return problem("%s can't be decoded", options->executable);
    if (home)
        host.Py_SetPythonHome(home);
    if (executable)
        host.Py_SetProgramName(executable);
    /* 0: signals stay Go's. A failure in here ends the process with a message. */
    host.Py_InitializeEx(0);
    if (!host.Py_IsInitialized())
        return problem("the interpreter did not start");
    return NULL;
}

void start_release(void) { host.PyEval_SaveThread(); }
