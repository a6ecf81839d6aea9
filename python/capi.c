#define _GNU_SOURCE
#include "capi.h"
#include <dlfcn.h>

struct py_api py, unguarded;

const char *py_load_api(void *handle) {
    if (handle == NULL)
        handle = RTLD_DEFAULT;
#define X(result, name, params) \
    *(void **)(&py.name) = dlsym(handle, #name); \
    if (py.name == NULL) return #name;
    PY_API(X)
#undef X
#define X(result, name, params) *(void **)(&py.name) = dlsym(handle, #name);
    PY_API_OPTIONAL(X)
#undef X
#define X(name) \
    py.name = dlsym(handle, #name); \
    if (py.name == NULL) return #name;
    PY_DATA(X)
    PY_DATA_PTR(X)
#undef X
    return NULL;
}
