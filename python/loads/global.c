/* Finds what a stream names, as Unpickler.find_class of Modules/_pickle.c does. */
#include "load.h"
#include <stdlib.h>
#include <string.h>

PyObject *names[N_NAMES];
static PyObject *import_builtin; /* builtins.__import__ as it was when this was loaded */
/* sys.modules as the interpreter has it from its start, held: when it ends it empties this
 * and then has none, and PyImport_GetModuleDict would abort the process
 * (finalize_modules in Python/pylifecycle.c). */
static PyObject *modules;
static int import_function(PyObject **function);

static const char *const spelling[N_NAMES] = {
    "",
#define X(name) #name,
    NAMES(X)
#undef X
};

/* An open hash table over the names: no more than half full, or a search might not end. */
enum { SLOTS = 128 };
_Static_assert(2 * N_NAMES <= SLOTS, "the table of names is more than half full: double SLOTS");
_Static_assert(N_NAMES <= UINT8_MAX, "slots and struct node have the number of a name in a byte");
static uint8_t slots[SLOTS];
static uint8_t length[N_NAMES];

static unsigned slot_of(const char *s, size_t n) {
    return n < 3 ? 0 : (unsigned)(n * 37 + s[2] * 5 + s[n / 2] * 11 + s[n - 3] * 3) % SLOTS;
}

int find_global_init(void) {
    int i;
    unsigned at;
    PyObject *function;
    for (i = 1; i < N_NAMES; i++) {
        if (names[i])
            continue; /* by an attempt to load the engine that failed later */
        if (!(names[i] = ld.PyUnicode_InternFromString(spelling[i])))
            return -1;
        length[i] = strlen(spelling[i]);
        for (at = slot_of(spelling[i], length[i]); slots[at]; at = (at + 1) % SLOTS)
            ;
        slots[at] = i;
    }
    if (!modules && (modules = ld.PyImport_GetModuleDict()))
        hold(modules);
    if (import_builtin)
        return 0;
    if (import_function(&function) < 0)
        return -1;
    if (function && is_exactly(function, ld.PyCFunction_Type)) /* a replacement is mostly in Python */
        import_builtin = held(function);
    return 0;
}

static int find_name(const char *text, size_t n) {
    unsigned at;
    for (at = slot_of(text, n); slots[at]; at = (at + 1) % SLOTS)
        if (length[slots[at]] == n && memcmp(spelling[slots[at]], text, n) == 0)
            return slots[at];
    return NO_NAME;
}

int name_of(struct node *n) {
    if (n->kind != STR)
        return NO_NAME;
    if (!n->name)
        n->name = 1 + find_name(n->text, n->n);
    return n->name - 1;
}

/* Texts of names, as str: streams name the same few again and again. A module's name
 * also has the module, once that has been found to be complete; while another thread
 * imports it, it must be waited for, and __import__ does that. */
struct cached_name {
    char text[40];
    uint32_t n;
    PyObject *name;
    PyObject *module; /* borrowed: it is only compared */
};
enum { N_CACHED = 512, CACHED_BITS = 9 };
_Static_assert(N_CACHED == 1 << CACHED_BITS, "hash_of gives as many bits as the table needs");
static struct cached_name table[N_CACHED];

/* All of a short name counts: enum and Enum are in one payload. 2 <= size. */
static unsigned hash_of(const char *text, size_t size) {
    uint64_t first = 0, last = 0;
    size_t n = size < 8 ? size : 8;
    memcpy(&first, text, n);
    memcpy(&last, text + size - n, n);
    return (first * 0x9E3779B97F4A7C15u + (last ^ size) * 0xD6E8FEB86659FD93u) >> (64 - CACHED_BITS);
}

static int is_of(const struct cached_name *k, const struct node *n) {
    return k->n == n->n && memcmp(k->text, n->text, n->n) == 0;
}

/* NULL when there is none for this node. A name has two places, and the older one of the
 * two that are there gives way. */
static struct cached_name *cached_name_of(const struct node *n) {
    struct cached_name *k, *older;
    PyObject *name;
    if (n->kind != STR || n->n < 2 || n->n >= sizeof k->text)
        return NULL;
    k = &table[hash_of(n->text, n->n)];
    older = &table[(k - table) ^ 1];
    if (is_of(k, n))
        return k;
    if (is_of(older, n))
        return older;
    name = ld.PyUnicode_DecodeUTF8(n->text, n->n, NULL);
    if (!name) {
        ld.PyErr_Clear();
        return NULL;
    }
    ld.PyUnicode_InternInPlace(&name);
    drop(older->name);
    *older = *k;
    memcpy(k->text, n->text, n->n);
    k->n = n->n;
    k->module = NULL;
    k->name = name;
    return k;
}

/* The three below return -1 for an exception that has to go on: see forgive. */

static int get_item(PyObject *dict, PyObject *key, PyObject **value) {
    *value = dict && is_exactly(dict, ld.PyDict_Type) ? ld.PyDict_GetItemWithError(dict, key) : NULL;
    return *value ? 0 : forgive();
}

/* Borrowed, or NULL. */
static int import_function(PyObject **function) {
    return get_item(ld.PyEval_GetBuiltins(), names[NAME___import__], function);
}

/* Borrowed, or NULL. */
static int loaded_module(PyObject *name, PyObject **module) { return get_item(modules, name, module); }

static int is_initializing(PyObject *module) {
    PyObject *spec = ld.PyObject_GetAttr(module, names[NAME___spec__]), *flag;
    int answer;
    if (!spec)
        return forgive();
    flag = ld.PyObject_GetAttr(spec, names[NAME__initializing]);
    drop(spec);
    if (!flag)
        return forgive();
    answer = ld.PyObject_IsTrue(flag);
    drop(flag);
    return answer >= 0 ? answer : forgive() < 0 ? -1 : 1;
}

static int is_cloudpickle(const struct cached_name *k) {
    static const char end[] = "cloudpickle.cloudpickle";
    return k->n >= sizeof end - 1 && memcmp(k->text + k->n - (sizeof end - 1), end, sizeof end - 1) == 0;
}

/* A new reference. k is the name's entry in the cache, or NULL. A module that is there can do
 * without __import__, but only the interpreter's own. */
static PyObject *import(PyObject *name, struct cached_name *k) {
    PyObject *module, *now;
    int initializing;
    if (loaded_module(name, &module) < 0)
        return NULL;
    if (k && k->name == name && module && module == k->module && import_builtin) {
        hold(module);
        if (import_function(&now) < 0) {
            drop(module);
            return NULL;
        }
        if (now == import_builtin)
            return module;
        drop(module);
    }
    module = ld.PyImport_Import(name);
    if (!module || !k || !is_exactly(module, ld.PyModule_Type))
        return module;
    initializing = is_initializing(module);
    if (initializing < 0 || loaded_module(name, &now) < 0) {
        drop(module);
        return NULL;
    }
    /* All that may have loaded something, and k may be another's by now. */
    if (k->name == name && module == now && !initializing) {
        k->module = module;
        if (is_cloudpickle(k) && note_module(module) < 0) {
            drop(module);
            return NULL;
        }
    }
    return module;
}

PyObject *import_module(PyObject *name) { return import(name, NULL); }

int minor_version(void) {
    static int minor;
    if (!minor)
        minor = atoi(ld.Py_GetVersion() + 2); /* 3.12.1 ... */
    return minor;
}

/* Up to 3.13 pickle says in its own words that an attribute is absent. */
static void no_attribute(PyObject *module, PyObject *name) {
    if (minor_version() < 14 && ld.PyErr_ExceptionMatches(ld.PyExc_AttributeError)) {
        ld.PyErr_Clear();
        ld.PyErr_Format(ld.PyExc_AttributeError, "Can't get attribute %R on %R", name, module);
    }
}

/* From 3.14 on it does so of a dotted path on which anything fails. It drops an interrupt
 * then, which is left as it is here. */
static void no_path(PyObject *module_name, PyObject *name) {
    PyObject *context, *error;
    if (minor_version() < 14 || !ld.PyErr_ExceptionMatches(ld.PyExc_Exception))
        return;
    context = ld.PyErr_GetRaisedException();
    ld.PyErr_Format(ld.PyExc_AttributeError, "Can't resolve path %R on module %R", name, module_name);
    error = ld.PyErr_GetRaisedException();
    ld.PyException_SetContext(error, context); /* which takes the reference */
    ld.PyErr_SetRaisedException(error);
}

static PyObject *dotted(PyObject *module, PyObject *module_name, PyObject *name) {
    static PyObject *dot;
    PyObject *parts, *o, *next;
    Py_ssize_t i, n;
    if ((!dot && !(dot = ld.PyUnicode_InternFromString("."))) || !(parts = ld.PyUnicode_Split(name, dot, -1)))
        return NULL;
    o = held(module);
    for (i = 0, n = ld.PyList_Size(parts); o && i < n; i++) {
        next = ld.PyObject_GetAttr(o, ld.PyList_GetItem(parts, i));
        if (!next)
            no_attribute(module, name);
        drop(o);
        o = next;
    }
    drop(parts);
    if (!o)
        no_path(module_name, name);
    return o;
}

/* getattr(module, name). Names that don't begin with an underscore are in the dict of a
 * module of the usual type, or nowhere: the type has none. */
static PyObject *module_attribute(PyObject *module, PyObject *name) {
    PyObject *o;
    if (ld.PyUnicode_FindChar(name, '_', 0, 1, 1) != 0 && is_exactly(module, ld.PyModule_Type) &&
        (o = ld.PyDict_GetItemWithError(ld.PyModule_GetDict(module), name)))
        return held(o);
    if (ld.PyErr_Occurred())
        return NULL;
    return ld.PyObject_GetAttr(module, name);
}

/* Both are STR: see is_usual_name. */
PyObject *find_global(struct node *module_node, struct node *name_node) {
    struct cached_name *k_module = cached_name_of(module_node), *k_name;
    PyObject *module_name, *name, *module, *result = NULL;
    /* Held, since what follows runs Python code, and that may load too. */
    module_name = k_module ? held(k_module->name) : NULL;
    k_name = cached_name_of(name_node);
    name = k_name ? k_name->name : object_of(name_node);
    if (!module_name && object_of(module_node))
        module_name = held(module_node->obj);
    if (!name || !module_name) {
        drop(module_name);
        return NULL;
    }
    hold(name);
    if (ld.PySys_Audit("pickle.find_class", "OO", module_name, name) >= 0 &&
             (module = import(module_name, k_module))) {
        if (ld.PyUnicode_FindChar(name, '.', 0, INTPTR_MAX, 1) >= 0)
            result = dotted(module, module_name, name);
        else if (!(result = module_attribute(module, name)))
            no_attribute(module, name);
        drop(module);
    }
    drop(module_name);
    drop(name);
    return result;
}
