#define _GNU_SOURCE
#include "start.h"
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* What only the host of an interpreter needs of the C API, beside what package python has. The
 * setters and flags are older than PyConfig (PEP 587), whose structure differs
 * between versions; every library from 3.10 to 3.14 has them. */
static struct {
    void (*Py_InitializeEx)(int);
    int (*Py_IsInitialized)(void);
    const char *(*Py_GetVersion)(void);
    void *(*PyEval_SaveThread)(void);
    void (*PyEval_RestoreThread)(void *);
    void (*Py_SetPythonHome)(const wchar_t *);
    void (*Py_SetProgramName)(const wchar_t *);
    int *Py_UTF8Mode, *Py_UnbufferedStdioFlag, *Py_IsolatedFlag, *Py_IgnoreEnvironmentFlag, *Py_NoUserSiteDirectory;
} host;

static char *problem(const char *format, ...) {
    char *text = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) < 0)
        abort();
    va_end(args);
    return text;
}

char *start_open(const char *path) {
    int (*running)(void) = dlsym(RTLD_DEFAULT, "Py_IsInitialized");
    void *library;
    if (running && running())
        return problem("an interpreter runs in this process that Go did not start");
    /* Global: extension modules look for the C API in the whole process, and so
     * does package python. */
    library = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (!library)
        return problem("%s", dlerror());
#define FIND(name)                                  \
    *(void **)(&host.name) = dlsym(library, #name); \
    if (!host.name)                                 \
        return problem("%s is no libpython of CPython 3.10 to 3.14: it does not export " #name, path);
    FIND(Py_InitializeEx)
    FIND(Py_IsInitialized)
    FIND(Py_GetVersion)
    FIND(PyEval_SaveThread)
    FIND(PyEval_RestoreThread)
    FIND(Py_SetPythonHome)
    FIND(Py_SetProgramName)
    FIND(Py_UTF8Mode)
    FIND(Py_UnbufferedStdioFlag)
    FIND(Py_IsolatedFlag)
    FIND(Py_IgnoreEnvironmentFlag)
    FIND(Py_NoUserSiteDirectory)
#undef FIND
    return NULL;
}

const char *start_version(void) { return host.Py_GetVersion(); }

int start_interpreter(const wchar_t *home, const wchar_t *executable, int isolated) {
    /* A Go program's text is UTF-8, whatever the locale says (PEP 540). */
    *host.Py_UTF8Mode = 1;
    /* Nobody flushes at the end of a process that does not finalize. */
    *host.Py_UnbufferedStdioFlag = 1;
    if (isolated)
        *host.Py_IsolatedFlag = *host.Py_IgnoreEnvironmentFlag = *host.Py_NoUserSiteDirectory = 1;
    if (home)
        host.Py_SetPythonHome(home);
    if (executable)
        host.Py_SetProgramName(executable);
    host.Py_InitializeEx(0); /* 0: signals stay Go's */
    return host.Py_IsInitialized();
}

void *start_release(void) { return host.PyEval_SaveThread(); }

void start_acquire(void *state) { host.PyEval_RestoreThread(state); }
