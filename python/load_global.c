/* Finds what a stream names, as Unpickler.find_class of Modules/_pickle.c does. */
#include "load.h"
#include <stdlib.h>
#include <string.h>

PyObject *names[N_NAMES];
static PyObject *import_builtin; /* builtins.__import__ as it was when this was loaded */
static PyObject *import_function(void);

static const char *const spelling[N_NAMES] = {
    "",
#define X(name) #name,
    NAMES(X)
#undef X
};

/* An open hash table over the names: no more than half full. */
enum { SLOTS = 128 };
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
        if (!(names[i] = ld.PyUnicode_InternFromString(spelling[i])))
            return -1;
        length[i] = strlen(spelling[i]);
        for (at = slot_of(spelling[i], length[i]); slots[at]; at = (at + 1) % SLOTS)
            ;
        slots[at] = i;
    }
    function = import_function();
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
struct known {
    char text[40];
    uint32_t n;
    PyObject *name;
    PyObject *module; /* borrowed: it is only compared */
};
enum { N_KNOWN = 512 };
static struct known table[N_KNOWN];

/* All of a short name counts: enum and Enum are in one payload. 2 <= size. */
static unsigned hash_of(const char *text, size_t size) {
    uint64_t first = 0, last = 0;
    size_t n = size < 8 ? size : 8;
    memcpy(&first, text, n);
    memcpy(&last, text + size - n, n);
    return (first * 0x9E3779B97F4A7C15u + (last ^ size) * 0xD6E8FEB86659FD93u) >> 55;
}

static int is_of(const struct known *k, const struct node *n) {
    return k->n == n->n && memcmp(k->text, n->text, n->n) == 0;
}

/* NULL when there is none for this node. A name has two places, and the older one of the
 * two that are there gives way. */
static struct known *known_of(const struct node *n) {
    struct known *k, *other;
    PyObject *name;
    if (n->kind != STR || n->n < 2 || n->n >= sizeof k->text)
        return NULL;
    k = &table[hash_of(n->text, n->n)];
    other = &table[(k - table) ^ 1];
    if (is_of(k, n))
        return k;
    if (is_of(other, n))
        return other;
    name = ld.PyUnicode_DecodeUTF8(n->text, n->n, NULL);
    if (!name) {
        ld.PyErr_Clear();
        return NULL;
    }
    ld.PyUnicode_InternInPlace(&name);
    drop(other->name);
    *other = *k;
    memcpy(k->text, n->text, n->n);
    k->n = n->n;
    k->module = NULL;
    k->name = name;
    return k;
}

static PyObject *import_function(void) {
    PyObject *builtins = ld.PyEval_GetBuiltins(), *function;
    if (!builtins || !is_exactly(builtins, ld.PyDict_Type))
        return NULL;
    function = ld.PyDict_GetItemWithError(builtins, names[NAME___import__]);
    if (!function)
        ld.PyErr_Clear();
    return function;
}

static int is_initializing(PyObject *module) {
    PyObject *spec = ld.PyObject_GetAttr(module, names[NAME___spec__]), *flag;
    int answer;
    if (!spec) {
        ld.PyErr_Clear();
        return 0;
    }
    flag = ld.PyObject_GetAttr(spec, names[NAME__initializing]);
    drop(spec);
    if (!flag) {
        ld.PyErr_Clear();
        return 0;
    }
    answer = ld.PyObject_IsTrue(flag);
    drop(flag);
    if (answer < 0)
        ld.PyErr_Clear();
    return answer != 0;
}

/* sys.modules is a dict, unless somebody has put something else there. */
static PyObject *loaded_module(PyObject *name) {
    PyObject *modules = ld.PyImport_GetModuleDict(), *module;
    if (!modules || !is_exactly(modules, ld.PyDict_Type))
        return NULL;
    module = ld.PyDict_GetItemWithError(modules, name);
    if (!module)
        ld.PyErr_Clear();
    return module;
}

static int is_cloudpickle(const struct known *k) {
    static const char end[] = "cloudpickle.cloudpickle";
    return k->n >= sizeof end - 1 && memcmp(k->text + k->n - (sizeof end - 1), end, sizeof end - 1) == 0;
}

/* A new reference. k is what is known of name, or NULL. A module that is there can do
 * without __import__, but only the interpreter's own. */
static PyObject *import(PyObject *name, struct known *k) {
    PyObject *module = loaded_module(name);
    if (k && k->name == name && module && module == k->module && import_builtin && import_function() == import_builtin)
        return held(module);
    module = ld.PyImport_Import(name);
    /* That may have loaded something, and k may be another's by now. */
    if (k && k->name == name && module && module->ob_type == ld.PyModule_Type && module == loaded_module(name) &&
        !is_initializing(module)) {
        k->module = module;
        if (is_cloudpickle(k))
            note_module(module);
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

/* Up to 3.13 pickle says it in its own words. */
static void no_attribute(PyObject *module, PyObject *name) {
    if (minor_version() < 14 && ld.PyErr_ExceptionMatches(ld.PyExc_AttributeError)) {
        ld.PyErr_Clear();
        ld.PyErr_Format(ld.PyExc_AttributeError, "Can't get attribute %R on %R", name, module);
    }
}

static PyObject *dotted(PyObject *module, PyObject *name) {
    static PyObject *dot, *locals;
    PyObject *parts, *part, *o, *next;
    Py_ssize_t i, n;
    if ((!dot && !(dot = ld.PyUnicode_InternFromString("."))) ||
        (!locals && !(locals = ld.PyUnicode_InternFromString("<locals>"))) ||
        !(parts = ld.PyUnicode_Split(name, dot, -1)))
        return NULL;
    o = held(module);
    for (i = 0, n = ld.PyList_Size(parts); o && i < n; i++) {
        part = ld.PyList_GetItem(parts, i);
        next = ld.PyUnicode_Compare(part, locals) == 0 ? NULL : ld.PyObject_GetAttr(o, part);
        if (!next && !ld.PyErr_Occurred())
            ld.PyErr_Format(ld.PyExc_AttributeError, "Can't get local attribute %R on %R", name, o);
        else if (!next)
            no_attribute(module, name);
        drop(o);
        o = next;
    }
    drop(parts);
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

PyObject *find_global(struct node *module_node, struct node *name_node) {
    struct known *k_module = known_of(module_node), *k_name;
    PyObject *module_name, *name, *module, *result = NULL;
    /* Held, since what follows runs Python code, and that may load too. */
    module_name = k_module ? held(k_module->name) : NULL;
    k_name = known_of(name_node);
    name = k_name ? k_name->name : object_of(name_node);
    if (!module_name && object_of(module_node))
        module_name = held(module_node->obj);
    if (!name || !module_name) {
        drop(module_name);
        return NULL;
    }
    hold(name);
    if (!is_exactly(module_name, ld.PyUnicode_Type) || !is_exactly(name, ld.PyUnicode_Type))
        unpickling_error("STACK_GLOBAL requires str");
    else if (ld.PySys_Audit("pickle.find_class", "OO", module_name, name) >= 0 &&
             (module = import(module_name, k_module))) {
        if (ld.PyUnicode_FindChar(name, '.', 0, INTPTR_MAX, 1) >= 0)
            result = dotted(module, name);
        else if (!(result = module_attribute(module, name)))
            no_attribute(module, name);
        drop(module);
    }
    drop(module_name);
    drop(name);
    return result;
}
